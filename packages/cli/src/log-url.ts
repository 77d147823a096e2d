const SCHEME = /^postgres(?:ql)?:\/\//i

/** Reports whether a log is named by the URL of a database, not by a path. */
export function isLogUrl(target: string): boolean {
  return SCHEME.test(target)
}

/** What stands in the place of a password that is not shown. */
export const HIDDEN = '…'

// Up to the last @ of what stands before a path; a password with a slash in it makes no URL, and must not be shown either.
const IN_USER = /(\bpostgres(?:ql)?:\/\/[^\s:@/?#]*):(?:[^\s/?#]*@|[^\s?]*@|(?!\d+[/?#])\S*@)/gi
const IN_QUERY = /([?&](?:ssl)?password=)[^\s&#]+/gi

/** Returns a text without the passwords in the URLs of databases that it quotes. */
export function hidePasswords(text: string): string {
  if (!/postgres(?:ql)?:\/\//i.test(text)) return text
  return text.replaceAll(IN_USER, `$1:${HIDDEN}@`).replaceAll(IN_QUERY, `$1${HIDDEN}`)
}

/** Returns the URL of a log without the password in it. */
export function nameOfUrl(url: string): string {
  return hidePasswords(url.replaceAll(/\s/g, '%20'))
}
