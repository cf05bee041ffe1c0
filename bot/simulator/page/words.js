// Every sentence of the demo page, in both languages. What the bot says comes from the bot.

const ZH = {
  "title": "支部助手 演示",
  "subtitle": "消息走真实的接口，对面是模拟的企业微信和公众号",
  "switches": "页面选项",
  "jumps": "跳到手机",
  "phones": "手机和群聊",
  "clock.label": "模拟时间",
  "clock.hour": "+1 小时",
  "clock.day": "+1 天",
  "clock.morning": "明早 9 点",
  "clock.to": "拨到 {moment}",
  "clock.fixed": "这里的时间不能拨动",
  "tour.title": "两分钟导览",
  "tour.show": "显示导览",
  "tour.hide": "收起导览",
  "tour.done": "已完成",
  "tour.now": "当前一步",
  "tour.publish": "书记发一条通知",
  "tour.publish.how": "填入示例，在书记的手机上按回车或“发送”。",
  "tour.publish.do": "填入示例",
  "tour.confirm": "看预览，点“发送”",
  "tour.confirm.how": "预览写明发给谁、何时催办。撤销时间一过，成员就收到。",
  "tour.receive": "有人点“确认收到”",
  "tour.receive.how": "点一位成员的“确认收到”，另外两位先不点。也可以点“查看全文”。",
  "tour.wait": "把时间拨快一天",
  "tour.wait.how": "只有还没确认的人收到催办，书记自己也算一位；夜里不催。",
  "tour.wait.do": "拨快一天",
  "tour.ask": "书记问“进度”",
  "tour.ask.how": "谁已确认、谁还没有，一句话问清。",
  "tour.ask.do": "问进度",
  "role.secretary": "书记",
  "role.member": "成员",
  "role.supervisor": "监督员",
  "role.responder": "答复人",
  "role.administrator": "系统管理员",
  "role.resident": "群众",
  "role.group": "群聊",
  "app": "支部助手",
  "phone.label": "{name}的手机（{role}）",
  "phone.log": "{name}的消息",
  "phone.input": "给{other}发消息（{name}）",
  "phone.placeholder": "发消息给支部助手",
  "phone.placeholder.secretary": "Shift+回车换行",
  "phone.empty": "还没有消息",
  "phone.empty.secretary": "还没有消息。从上面第 1 步开始，或发“帮助”",
  "phone.news": "有新消息",
  "phone.send": "发送",
  "phone.chips": "常用说法",
  "phone.keys": "回车发送，Shift+回车换行",
  "account.menu": "公众号菜单",
  "account.placeholder": "写下您的问题",
  "group.label": "群聊：{name}",
  "group.speaker": "谁在群里说话",
  "group.mention": "@支部助手",
  "group.input": "{name} 在群里对支部助手说",
  "group.placeholder": "{name}说…",
  "group.empty": "群里 @支部助手，它才会读",
  "message.recalled": "消息已撤回",
  "message.open": "查看详情",
  "message.image": "图片",
  "message.voice": "语音",
  "message.video": "视频",
  "message.file": "文件",
  "message.me": "我",
  "browser.back": "返回",
  "browser.close": "关闭",
  "browser.loading": "正在打开…",
  "browser.frame": "{name}手机里的网页",
  "chip.example": "通知示例",
  "chip.meeting": "会议",
  "chip.poll": "投票",
  "chip.signup": "报名",
  "chip.status": "进度",
  "chip.unread": "未读",
  "chip.help": "帮助",
  "chip.ack": "收到",
  "chip.todo": "待办",
  "chip.later": "稍后",
  "chip.question": "问题示例",
  "chip.picture": "发图片",
  "chip.query": "查询",
  "say.query": "查询",
  "say.question": "3 号楼门口的路灯坏了好几天，晚上看不清路，能修一下吗？",
  "say.meeting": "/会议 支部大会\n时间：下周五 15:00-17:00\n地点：二楼会议室\n截止：下周四 18:00\n讨论下季度工作，请带学习笔记。",
  "say.poll": "/投票 周末活动\n截止：下周三 18:00\n匿名\nA 周六上午爬山\nB 周日下午参观\nC 在家看书",
  "say.signup": "/报名 红色参观\n名额：2\n截止：下周四 18:00\n周六上午 8:30 在门口集合。",
  "say.status": "进度",
  "say.unread": "未读",
  "say.help": "帮助",
  "say.ack": "收到",
  "say.todo": "待办",
  "say.later": "稍后",
  "say.example":
    "/通知 关于召开支部大会的通知\n截止：下周四 18:00\n要求：确认\n" +
    "各位成员：支部定于下周五 15:00 在二楼会议室召开支部大会，讨论下季度工作。请留出时间，看到后点“确认收到”。",
  "trouble.lost": "和演示服务的连接断了，正在重新连接…",
  "trouble.button": "这个按钮已经点过，或不能再点了。",
  "trouble.gone": "这条消息已经不在了，请刷新页面再试。",
  "trouble.empty": "请先写点什么再发。",
  "trouble.clock": "时间只能往后拨，一次最多一年。",
  "trouble.bot": "群机器人没有连上，请稍后再试。",
  "trouble.no_answer": "演示服务没有应答，请看看它是不是已经停了。",
  "trouble.other": "没有成功，请刷新页面再试。",
};

const EN = {
  "title": "Branch assistant demo",
  "subtitle": "Real interfaces, simulated WeCom and WeChat",
  "switches": "Page options",
  "jumps": "Jump to a phone",
  "phones": "Phones and group chat",
  "clock.label": "Simulated time",
  "clock.hour": "+1 hour",
  "clock.day": "+1 day",
  "clock.morning": "Tomorrow 9:00",
  "clock.to": "Move to {moment}",
  "clock.fixed": "The clock cannot be moved here",
  "tour.title": "Two-minute tour",
  "tour.show": "Show tour",
  "tour.hide": "Hide tour",
  "tour.done": "Done",
  "tour.now": "Current step",
  "tour.publish": "Publish a notice",
  "tour.publish.how": "Fill in the example, then press Enter on the secretary's phone.",
  "tour.publish.do": "Fill in the example",
  "tour.confirm": "Confirm the preview",
  "tour.confirm.how": "It says who gets it and when. It leaves after the undo window.",
  "tour.receive": "One member confirms",
  "tour.receive.how": "Tap the green button on one member's phone; leave the other two.",
  "tour.wait": "Move the clock by a day",
  "tour.wait.how": "Only the open ones are reminded, the secretary too; never at night.",
  "tour.wait.do": "Move by a day",
  "tour.ask": "Ask for the status",
  "tour.ask.how": "The secretary sees at once who is done and who is open.",
  "tour.ask.do": "Ask for the status",
  "role.secretary": "secretary",
  "role.member": "member",
  "role.supervisor": "supervisor",
  "role.responder": "responder",
  "role.administrator": "administrator",
  "role.resident": "resident",
  "role.group": "group chat",
  "app": "Branchbot",
  "phone.label": "{name}'s phone ({role})",
  "phone.log": "{name}'s messages",
  "phone.input": "Message to {other} ({name})",
  "phone.placeholder": "Type a message",
  "phone.placeholder.secretary": "Shift+Enter: new line",
  "phone.empty": "No messages yet",
  "phone.empty.secretary": "No messages yet. Start with step 1 above, or ask for help",
  "phone.news": "New messages",
  "phone.send": "Send",
  "phone.chips": "Quick phrases",
  "phone.keys": "Enter sends, Shift+Enter starts a new line",
  "account.menu": "The account's menu",
  "account.placeholder": "Write your question",
  "group.label": "Group chat: {name}",
  "group.speaker": "Who speaks in the group",
  "group.mention": "@Branchbot",
  "group.input": "{name} to the bot in the group",
  "group.placeholder": "says…",
  "group.empty": "The bot reads what mentions it, nothing else",
  "message.recalled": "Message recalled",
  "message.open": "Details",
  "message.image": "Picture",
  "message.voice": "Voice",
  "message.video": "Video",
  "message.file": "File",
  "message.me": "Me",
  "browser.back": "Back",
  "browser.close": "Close",
  "browser.loading": "Opening…",
  "browser.frame": "Web page in {name}'s phone",
  "chip.example": "Example",
  "chip.meeting": "Meeting",
  "chip.poll": "Poll",
  "chip.signup": "Sign-up",
  "chip.status": "Status",
  "chip.unread": "Unread",
  "chip.help": "Help",
  "chip.ack": "Ack",
  "chip.todo": "Todo",
  "chip.later": "Later",
  "chip.question": "Question",
  "chip.picture": "Picture",
  "chip.query": "Progress",
  "say.query": "/status",
  "say.question": "The lamp in front of house 3 has been out for days and it is dark at night. Can it be mended?",
  "say.meeting": "/meeting Branch meeting\nwhen: 2026-12-18 15:00\nwhere: second floor\nPlans for the next quarter.",
  "say.poll": "/poll Weekend\ndue: in 3 days\nnames: anonymous\nA Saturday walk\nB Sunday museum\nC At home",
  "say.signup": "/signup Museum visit\nplaces: 2\ndue: in 3 days\nWe meet at the gate.",
  "say.status": "/status",
  "say.unread": "/unread",
  "say.help": "/help",
  "say.ack": "/ack",
  "say.todo": "/todo",
  "say.later": "/later",
  "say.example":
    "/notice Branch meeting next Friday\ndue: in 3 days\nrequire: ack\n" +
    "We meet next Friday at 15:00 on the second floor to plan the next quarter. Please keep the time free.",
  "trouble.lost": "The connection to the demo is lost, trying again…",
  "trouble.button": "This button has been pressed already, or can no longer be pressed.",
  "trouble.gone": "This message is no longer there; reload the page and try again.",
  "trouble.empty": "Write something first.",
  "trouble.clock": "The clock only moves forward, by a year at most.",
  "trouble.bot": "The group bot is not connected; try again in a moment.",
  "trouble.no_answer": "The demo does not answer; see whether it still runs.",
  "trouble.other": "That did not work; reload the page and try again.",
};

export const lang = new URLSearchParams(location.search).get("lang") === "en" ? "en" : "zh";
const WORDS = lang === "en" ? EN : ZH;

/** The sentence of `key`, with `{name}` placeholders filled from `params`. */
export function t(key, params = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

const ROLES = new Map();
for (const words of [ZH, EN]) {
  for (const [key, word] of Object.entries(words)) {
    if (key.startsWith("role.")) ROLES.set(word, key.slice(5));
  }
}

/** The role's English key ("secretary", …) whichever language the server used, or the word itself. */
export function roleKey(role) {
  const word = role.toLowerCase();
  return ROLES.get(word) ?? (`role.${word}` in ZH ? word : (role || "member"));
}

export function roleWord(role) {
  return WORDS[`role.${roleKey(role)}`] ?? role;
}

/** Why something could not be done, by the key that the server gave; a general sentence for any other. */
export function troubleWords(reason) {
  return WORDS[`trouble.${reason}`] ?? t("trouble.other");
}

/** Puts the page's fixed words in place: `data-words` is the text, `data-words-label` the aria-label. */
export function dress(root = document) {
  for (const node of root.querySelectorAll("[data-words]")) node.textContent = t(node.dataset.words);
  for (const node of root.querySelectorAll("[data-words-label]")) node.setAttribute("aria-label", t(node.dataset.wordsLabel));
  document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
  document.title = t("title");
}
