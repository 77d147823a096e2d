export { createScriptedEndpoint } from './scripted-endpoint.ts'
export { SCRIPTED_MODEL } from './script.ts'
