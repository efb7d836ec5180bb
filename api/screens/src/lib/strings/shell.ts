/** What every page has: names of pages, signing in, the line, sound, durations, keys. `[Chinese, English]`, by DOMAIN section 4. */
export const shell = {
  // pages
  "page.station": ["值班屏", "Duty screen"],
  "page.leader": ["网格长", "Grid leader"],
  "page.command": ["指挥中心", "Command centre"],
  "page.control-room": ["消防控制室", "Fire control room"],
  "page.admin": ["系统管理", "Administration"],
  "page.login": ["登录", "Sign in"],
  "app.tagline": ["网格化消防接警调派", "Fire dispatch by grid"],

  // signing in
  "login.user": ["用户名", "User name"],
  "login.password": ["密码", "Password"],
  "login.submit": ["登录", "Sign in"],
  "login.wrong": ["用户名或密码不对", "User name or password is wrong"],
  "login.unreachable": ["连不上服务器", "The server cannot be reached"],
  "login.no_page": ["该用户没有可用页面", "There is no page for this user"],
  "login.refused": ["登录已失效，请重新登录", "Your access has ended, please sign in again"],
  "login.other_role": ["此账号不能使用本页面", "This account may not use this page"],

  // language
  "language.other": ["English", "中文"],
  "language.switch": ["切换为英文", "Switch to Chinese"],

  // line to the server
  "line.live": ["已连接", "Connected"],
  "line.connecting": ["正在连接", "Connecting"],
  "line.lost": ["连接中断", "Connection lost"],
  "line.lost_long": [
    "连接中断，收不到新指令。正在自动重连，请同时用电话与指挥中心保持联系。",
    "Connection lost: no new orders can arrive. Reconnecting by itself; keep in touch with command by telephone.",
  ],
  "line.lost_centre": [
    "连接中断，收不到新警情，所示可能已过时。正在自动重连，请用电话与各站保持联系。",
    "Connection lost: no news arrives, what is shown may be out of date. Reconnecting by itself; keep in touch with stations by telephone.",
  ],
  "line.not_fetched": ["连不上服务器，恢复连接后自动打开", "The server cannot be reached; this opens once the line is back"],
  "line.heard": ["{time}前有网络活动", "Last network activity {time} ago"],
  "line.heard_now": ["网络活动：刚刚", "Network activity: just now"],
  "line.never": ["尚未收到数据", "Nothing received yet"],
  "line.retry": ["立即重连", "Reconnect now"],
  "line.queued": ["{count} 个操作待发送", "{count} actions waiting to be sent"],

  // sound
  "sound.on": ["声音已开", "Sound on"],
  "sound.off": ["声音已关", "Sound off"],
  "sound.blocked": ["声音未启用：来警时本机不会响", "Sound is not enabled: this screen would stay silent in an alarm"],
  "sound.enable": ["点此启用声音", "Click to enable sound"],
  "sound.muted": ["声音已被关闭：来警时本机不会响", "Sound is switched off: this screen would stay silent in an alarm"],
  "sound.turn_on": ["打开声音", "Turn sound on"],
  "sound.turn_off": ["关闭声音", "Turn sound off"],

  // durations
  "time.seconds": ["{s} 秒", "{s} s"],
  "time.minutes": ["{m} 分 {s} 秒", "{m} min {s} s"],
  "time.hours": ["{h} 小时 {m} 分", "{h} h {m} min"],
  "time.days": ["{d} 天 {h} 小时", "{d} d {h} h"],
  "time.ago": ["{time}前", "{time} ago"],
  "time.elapsed_since_alarm": ["接警已过", "Since the alarm"],

  // actions
  "action.acknowledge": ["接令", "Acknowledge"],
  "action.report_brigade": ["已报 119", "119 called"],
  "action.acknowledge_late": ["补接令", "Acknowledge late"],
  "action.received": ["收到", "Got it"],
  "action.turn_out": ["出动", "Turn out"],
  "action.arrive": ["到场", "On scene"],
  "action.control": ["控制", "Under control"],
  "action.close": ["办结", "Close"],
  "action.close_respond": ["归队", "Returned"],
  "action.decline": ["无法出动", "Cannot go"],
  "action.decline_leader": ["无法到场", "Cannot go"],
  "action.confirm_fire": ["确认火情", "Confirm fire"],
  "action.report_false": ["报告误报", "Report false alarm"],
  "action.request_help": ["请求增援", "Request help"],
  "action.checklist": ["现场清单", "Checklist"],
  "action.hold": ["按住 1 秒", "Hold for 1 second"],
  "action.hold_key": ["按住 1 秒，或按住回车键 / 空格键", "Hold for 1 second, or hold Enter or Space"],
  "action.sending": ["正在发送…", "Sending…"],
  "action.queued": ["未发出，恢复连接后自动发送", "Not sent yet; goes out when the line is back"],
  "action.cancel": ["取消", "Cancel"],
  "action.confirm": ["确定", "Confirm"],
  "action.next": ["下一步", "Next"],
  "action.note": ["备注", "Note"],
  "action.note_hint": ["现场情况（可不填）", "What you see (optional)"],
  "action.failed": ["操作未被接受：{error}", "Not accepted: {error}"],

  // asking before something that cannot be taken back
  "ask.report_false": ["现场确认是误报？指挥中心会据此处理。", "Certain that it is a false alarm? Command will act on it."],
  "ask.confirm_fire": ["现场确认有火？将按真实火警处置。", "Certain that it burns? It will be handled as a real fire."],
  "ask.request_help": ["请求指挥中心增派力量？", "Ask command for more crews?"],
  "ask.stand_down": ["撤销本警情所有未办结的指令？", "Cancel every order of this incident that is not over?"],

  // who
  "who.station": ["站", "Station"],
  "who.person": ["责任人", "Person"],
  "who.control_room": ["消防控制室", "Fire control room"],
  "who.command": ["指挥中心", "Command centre"],

  // general
  "error.load": ["数据未能加载：{error}", "Could not be loaded: {error}"],
} as const;
