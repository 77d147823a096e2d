export {
  ACCESS_EFFECTS,
  type AccessEffect,
  type AccessPolicy,
  type AccessPolicyData,
  type AccessRule,
  type AccessRuleData,
  type ArgumentCondition,
  type CommandMatch,
  type CommandPlace,
  type JsonScalar,
  type NormalCommandMatch,
  type NormalCondition,
} from './access-policy.ts'
export { createAccessPolicy } from './create-access-policy.ts'
export { createCallPolicy, type CallPolicy } from './create-call-policy.ts'
export { evaluateCall, type AccessDecision, type ToolCall } from './evaluate-call.ts'
export { accessPolicyText, hashAccessPolicy } from './hash-access-policy.ts'
export { PolicyError, type PolicyErrorCode } from './policy-error.ts'
