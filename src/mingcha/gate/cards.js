// <mingcha-cards>: shows the gate's reminders in a hospital's own page. Its system fetches and signs; this only shows.
//   element.cards = answer.cards                 the cards of POST /cds-services/…
//   element.addEventListener("outcome", (e) => e.detail)   one member of `feedback`, to be sent on by the system
const STYLE = `
:host { display: block; font: 14px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; color: #1f2733; }
article { border: 1px solid #d9dee7; border-left: 4px solid #6b7a90; border-radius: 6px; padding: 10px 14px; margin: 0 0 10px; background: #fff; }
article.warning { border-left-color: #c77700; } article.critical { border-left-color: #c62828; }
h3 { margin: 0; font-size: 15px; } h3 span { font-weight: 400; font-size: 12px; color: #5b6675; margin-left: 8px; }
p { margin: 4px 0; white-space: pre-line; } .instead { color: #1b5e20; } .basis { color: #5b6675; font-size: 13px; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 8px 0 0; }
button, select, input { font: inherit; padding: 3px 10px; border-radius: 4px; border: 1px solid #b8c1cf; background: #fff; }
button.change { background: #1f5eff; border-color: #1f5eff; color: #fff; } input { flex: 1 1 12em; }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 2px solid #1f5eff; outline-offset: 1px; }
.done { color: #2e7d32; } .none { color: #5b6675; }`;
const STRENGTH = { info: "提示", warning: "须填理由", critical: "拦截" };

class MingchaCards extends HTMLElement {
  #cards = [];
  constructor() { super(); this.attachShadow({ mode: "open" }); }
  connectedCallback() { this.#show(); }
  get cards() { return this.#cards; }
  set cards(cards) { this.#cards = Array.isArray(cards) ? cards : []; this.#show(); }

  #show() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.shadowRoot.adoptedStyleSheets = [sheet];
    this.shadowRoot.replaceChildren(...(this.#cards.length ? this.#cards.map((card) => this.#card(card)) : [text("p", "没有医保提醒", "none")]));
  }

  #card(card) {
    const made = text("article", "", card.indicator in STRENGTH ? card.indicator : "info");
    made.setAttribute("aria-label", card.summary);
    const head = text("h3", card.summary);
    head.append(text("span", STRENGTH[card.indicator] ?? ""));
    made.append(head, text("p", card.detail ?? ""), text("p", card.source?.label ?? "", "basis"));
    const form = this.#answers(card, made);
    made.append(...(card.suggestions ?? []).map((one) => this.#suggestion(card, one, made, form)), form);
    return made;
  }

  #suggestion(card, one, made, form) {
    const line = text("p", `建议：${one.label}`, "instead"), take = text("button", "按建议修改");
    take.type = "button";
    take.addEventListener("click", () =>
      this.#told(made, form, { card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: one.uuid }] }, "已按建议修改"));
    line.append(" ", take);
    return line;
  }

  #answers(card, made) {
    const form = document.createElement("form");
    const change = text("button", "返回修改", "change"), insist = text("button", "坚持"), reason = document.createElement("select");
    const words = Object.assign(document.createElement("input"), { placeholder: "补充说明", maxLength: 200 });
    reason.setAttribute("aria-label", "理由"); words.setAttribute("aria-label", "补充说明");
    reason.append(new Option("选择坚持的理由", ""), ...(card.overrideReasons ?? []).map((one) => new Option(one.display, one.code)));
    change.type = "button"; insist.type = "submit";
    change.addEventListener("click", () => this.#told(made, form, { card: card.uuid, outcome: "accepted" }, "已返回修改"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = (card.overrideReasons ?? []).find((one) => one.code === reason.value);
      if (!chosen && !words.value.trim()) { reason.focus(); return; }
      this.#told(made, form, { card: card.uuid, outcome: "overridden", overrideReason: { reason: chosen ?? {}, userComment: words.value.trim() } }, "已坚持");
    });
    form.append(change, ...(card.indicator === "critical" ? [text("span", "须修改后才能签发", "none")] : [reason, words, insist]));
    return form;
  }

  #told(made, form, detail, words) {
    made.querySelectorAll(".instead button").forEach((other) => other.remove());
    form.replaceWith(text("p", words, "done"));
    this.dispatchEvent(new CustomEvent("outcome", { detail, bubbles: true, composed: true }));
  }
}

function text(name, words, style = "") {
  const made = document.createElement(name);
  made.textContent = words;
  if (style) made.className = style;
  return made;
}

customElements.define("mingcha-cards", MingchaCards);
