// Message text to DOM: plain text with links, and the part of markdown that the group bot may use.

import { element } from "./element.js";

const LINKS = /<a\s+href=["']([^"']+)["'][^>]*>(.*?)<\/a>|(https?:\/\/[^\s<>"'，。；！？、）】》]+)/gis;
const MARKUP = /<a\s+href=/i;
const INLINE =
  /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|<font color=["'](\w+)["']>(.*?)<\/font>|<@([^>]+)>|(https?:\/\/[^\s<>"'，。；！？、）】》]+)/gis;

/** `text` cut at each match of `pattern`; `make(match)` gives the node that stands in its place. */
function cut(text, pattern, make) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) nodes.push(text.slice(end, match.index));
    nodes.push(make(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}

/**
 * Plain text: bare addresses and WeCom's `<a href>` become links made by `link(url, words)`. Where the server took
 * such markup out, `links` has them in order, as [{text, url}], and each is put back at its words.
 */
export function plain(text, link, links = []) {
  const nodes = [];
  let rest = text;
  for (const { text: words, url } of MARKUP.test(text) ? [] : links) {
    const at = words ? rest.indexOf(words) : -1;
    if (at < 0) continue;
    nodes.push(...plain(rest.slice(0, at), link), link(url, words));
    rest = rest.slice(at + words.length);
  }
  return [...nodes, ...cut(rest, LINKS, (match) => link(match[1] ?? match[3], match[2] ?? match[3]))];
}

function inline(text, link) {
  return cut(text, INLINE, ([whole, bold, code, words, url, colour, coloured, person, bare]) => {
    if (bold !== undefined) return element("strong", {}, inline(bold, link));
    if (code !== undefined) return element("code", {}, code);
    if (url !== undefined) return link(url, words);
    if (coloured !== undefined) return element("span", { class: `tone-${colour}` }, inline(coloured, link));
    if (person !== undefined) return element("span", { class: "mention" }, `@${person}`);
    return bare === undefined ? whole : link(bare, bare);
  });
}

/** Markdown by lines: headings, quotes, lists; anything else is a paragraph line. */
export function markdown(text, link) {
  return text.split(/\r?\n/).map((line) => {
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (heading) return element("p", { class: "md-heading" }, inline(heading[2], link));
    const quote = /^>\s?(.*)$/.exec(line);
    if (quote) return element("p", { class: "md-quote" }, inline(quote[1], link));
    const bullet = /^\s*(?:[-*]|(\d+)\.)\s+(.*)$/.exec(line);
    if (bullet) return element("p", { class: "md-item" }, bullet[1] ? `${bullet[1]}. ` : "• ", inline(bullet[2], link));
    return element("p", { class: line.trim() ? "md-line" : "md-gap" }, inline(line, link));
  });
}
