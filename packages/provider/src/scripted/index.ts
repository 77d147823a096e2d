export {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
  type ScriptedProviderOptions,
} from './scripted-provider.ts'
export {
  replyToChunks,
  type ScriptedDelivery,
  type ScriptedFault,
  type ScriptedReply,
  type ScriptedToolCall,
  type ScriptedTurn,
} from './scripted-turn.ts'
