/** A block of addresses that is not the public internet. */
export interface SpecialBlock {
  readonly block: string
  /** What it is, as an error says it. */
  readonly use: string
  /** The document that set it aside. */
  readonly source: string
}

/**
 * What is never reached unless it is allowed by name.
 *
 * From the registries of IANA: "IPv4 Special-Purpose
 * Address Registry", "IPv6 Special-Purpose Address Registry", "IPv4 Multicast
 * Address Space Registry" and "Internet Protocol Version 6 Address Space".
 * Blocks that the registries call globally reachable are in it too where they
 * are no place for a web page: relays, anycast services and sinks.
 */
export const SPECIAL_BLOCKS: readonly SpecialBlock[] = [
  { block: '0.0.0.0/8', use: 'this network', source: 'RFC 791' },
  { block: '10.0.0.0/8', use: 'private', source: 'RFC 1918' },
  { block: '100.64.0.0/10', use: 'shared by carriers', source: 'RFC 6598' },
  { block: '127.0.0.0/8', use: 'loopback', source: 'RFC 1122' },
  { block: '169.254.0.0/16', use: 'link-local', source: 'RFC 3927' },
  { block: '172.16.0.0/12', use: 'private', source: 'RFC 1918' },
  { block: '192.0.0.0/24', use: 'for protocols of the IETF', source: 'RFC 6890' },
  { block: '192.0.2.0/24', use: 'documentation', source: 'RFC 5737' },
  { block: '192.31.196.0/24', use: 'an AS112 sink', source: 'RFC 7535' },
  { block: '192.52.193.0/24', use: 'multicast tunnelling', source: 'RFC 7450' },
  { block: '192.88.99.0/24', use: 'the 6to4 relay', source: 'RFC 7526' },
  { block: '192.168.0.0/16', use: 'private', source: 'RFC 1918' },
  { block: '192.175.48.0/24', use: 'an AS112 sink', source: 'RFC 7534' },
  { block: '198.18.0.0/15', use: 'benchmarking', source: 'RFC 2544' },
  { block: '198.51.100.0/24', use: 'documentation', source: 'RFC 5737' },
  { block: '203.0.113.0/24', use: 'documentation', source: 'RFC 5737' },
  { block: '224.0.0.0/4', use: 'multicast', source: 'RFC 1112' },
  { block: '255.255.255.255/32', use: 'broadcast', source: 'RFC 919' },
  { block: '240.0.0.0/4', use: 'reserved', source: 'RFC 1112' },
  // A public address that every virtual machine of Azure reaches its host at.
  { block: '168.63.129.16/32', use: 'a metadata service', source: 'learn.microsoft.com, what is 168.63.129.16' },
  { block: '::/128', use: 'unspecified', source: 'RFC 4291' },
  { block: '::1/128', use: 'loopback', source: 'RFC 4291' },
  { block: '::/96', use: 'compatible with IPv4', source: 'RFC 4291' },
  { block: '64:ff9b:1::/48', use: 'local NAT64', source: 'RFC 8215' },
  { block: '100::/64', use: 'discard', source: 'RFC 6666' },
  { block: '100:0:0:1::/64', use: 'the dummy prefix', source: 'RFC 9780' },
  { block: '2001::/32', use: 'Teredo', source: 'RFC 4380' },
  { block: '2001:2::/48', use: 'benchmarking', source: 'RFC 5180' },
  { block: '2001:10::/28', use: 'ORCHID', source: 'RFC 4843' },
  { block: '2001:20::/28', use: 'ORCHID', source: 'RFC 7343' },
  { block: '2001::/23', use: 'for protocols of the IETF', source: 'RFC 2928' },
  { block: '2001:db8::/32', use: 'documentation', source: 'RFC 3849' },
  { block: '2620:4f:8000::/48', use: 'an AS112 sink', source: 'RFC 7534' },
  { block: '3fff::/20', use: 'documentation', source: 'RFC 9637' },
  { block: '5f00::/16', use: 'segment routing', source: 'RFC 9602' },
  { block: 'fc00::/7', use: 'unique local', source: 'RFC 4193' },
  { block: 'fe80::/10', use: 'link-local', source: 'RFC 4291' },
  { block: 'fec0::/10', use: 'site-local', source: 'RFC 3879' },
  { block: 'ff00::/8', use: 'multicast', source: 'RFC 4291' },
]

/** Of IPv6, IANA has handed out nothing outside this block for unicast: "Internet Protocol Version 6 Address Space". */
export const GLOBAL_UNICAST = '2000::/3'

/** IPv6 blocks whose addresses stand for one of IPv4, which sits this many bits from the right. */
export const EMBEDDING_BLOCKS: readonly (SpecialBlock & { readonly shift: bigint })[] = [
  { block: '::ffff:0:0/96', use: 'mapped', source: 'RFC 4291', shift: 0n },
  { block: '64:ff9b::/96', use: 'NAT64', source: 'RFC 6052', shift: 0n },
  { block: '2002::/16', use: '6to4', source: 'RFC 3056', shift: 80n },
]

/** Where clouds hand out credentials: allowing a host by its name does not allow these. */
export const METADATA_BLOCKS: readonly string[] = [
  '169.254.0.0/16',
  '100.100.100.200/32', // Alibaba Cloud
  '168.63.129.16/32', // Azure
  '192.0.0.192/32', // Oracle Cloud
  'fe80::/10',
  'fd00:ec2::/32', // AWS
  'fd20:ce::/32', // Google Cloud
  'fd00:42::42/128', // Scaleway
]

/** Names that are never asked for, with everything below them, unless they are allowed. */
export const SPECIAL_NAMES: readonly { readonly name: string; readonly use: string }[] = [
  { name: 'localhost', use: 'this machine' },
  { name: 'local', use: 'the local link' },
  { name: 'internal', use: 'private networks' },
  { name: 'home.arpa', use: 'home networks' },
  { name: 'localdomain', use: 'this machine' },
  { name: 'intranet', use: 'private networks' },
  { name: 'private', use: 'private networks' },
  { name: 'corp', use: 'private networks' },
  { name: 'home', use: 'home networks' },
  { name: 'lan', use: 'home networks' },
  { name: 'in-addr.arpa', use: 'looking up addresses' },
  { name: 'ip6.arpa', use: 'looking up addresses' },
  { name: 'onion', use: 'Tor' },
  { name: 'alt', use: 'other name systems' },
  { name: 'metadata.goog', use: 'a metadata service' },
  { name: 'metadata.tencentyun.com', use: 'a metadata service' },
  { name: 'metadata.packet.net', use: 'a metadata service' },
  { name: 'metadata.platformequinix.com', use: 'a metadata service' },
]

/**
 * Ports that browsers send nothing to, because what listens there may mistake a request for its own language.
 *
 * From the WHATWG Fetch standard, section "port blocking".
 */
export const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])
