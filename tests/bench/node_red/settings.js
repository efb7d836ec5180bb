// Node-RED without an editor, for one measurement: what it shows is the flow's own HTTP and websocket, on the loopback.

module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.FLOW_PORT),
  httpAdminRoot: false,
  httpNodeRoot: '/',
  disableEditor: true,
  flowFile: 'flow.json',
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  functionExternalModules: false,
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpload: false },
    modules: { allowInstall: false }
  },
  functionGlobalContext: { pg: require('pg'), readings: require('./readings.js') },
  logging: { console: { level: 'info', metrics: false, audit: false } }
}
