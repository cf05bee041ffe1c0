// co-wechat's message handling on Node's own HTTP server.
const http = require('http');
const Koa = require('koa');
const wechat = require('co-wechat');

const app = new Koa();
const { TOKEN, AES_KEY, APP_ID, WORDS, PORT } = process.env;
app.use(wechat({ token: TOKEN, appid: APP_ID, encodingAESKey: AES_KEY }).middleware(async () => WORDS));
http.createServer(app.callback()).listen(Number(PORT), '127.0.0.1');
