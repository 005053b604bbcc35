// A table of any length that scrolls: only the rows in view exist, stretches of the rest are fetched when they come near.
(() => {
  const ROW = 32, STRETCH = 200, SPARE = 12;
  class Grid {
    constructor(place) {
      this.place = place;
      this.body = place.querySelector("tbody");
      this.columns = place.querySelectorAll("thead th").length;
      this.form = document.querySelector("[data-grid-filter]");
      this.count = document.querySelector("[data-grid-count]");
      place.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), { passive: true });
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("input", () => { clearTimeout(this.wait); this.wait = setTimeout(() => this.reset(), 150); });
      this.reset();
    }
    async reset() {
      this.turn = (this.turn || 0) + 1;
      this.stretches = new Map();
      this.total = 0;
      this.place.scrollTop = 0;
      await this.fetch(0);
      this.draw();
    }
    async fetch(number) {
      if (this.stretches.has(number)) return;
      this.stretches.set(number, null);
      const turn = this.turn, query = new URLSearchParams(new FormData(this.form));
      query.set("start", number * STRETCH);
      try {
        const answer = await (await fetch(`${this.place.dataset.grid}?${query}`)).json();
        if (turn !== this.turn) return;
        this.total = answer.total;
        this.count.textContent = answer.total.toLocaleString("zh-CN");
        this.stretches.set(number, answer);
        this.draw();
      } catch { this.stretches.delete(number); }
    }
    space(height) {
      const row = document.createElement("tr"), cell = document.createElement("td");
      cell.colSpan = this.columns; cell.className = "space"; cell.style.height = `${height}px`;
      row.append(cell);
      return row;
    }
    draw() {
      const first = Math.max(0, Math.floor(this.place.scrollTop / ROW) - SPARE);
      const last = Math.min(this.total, first + Math.ceil(this.place.clientHeight / ROW) + 2 * SPARE);
      const rows = [this.space(first * ROW)];
      for (let at = first; at < last; at++) {
        const number = Math.floor(at / STRETCH), stretch = this.stretches.get(number);
        const row = document.createElement("tr");
        if (stretch) {
          row.className = stretch.states[at - stretch.start];
          for (const text of [at + 1, ...stretch.rows[at - stretch.start]]) {
            const cell = document.createElement("td");
            cell.textContent = text; cell.title = text;
            row.append(cell);
          }
        } else {
          this.fetch(number);
          const cell = document.createElement("td");
          cell.colSpan = this.columns; cell.textContent = "…";
          row.append(cell);
        }
        rows.push(row);
      }
      rows.push(this.space((this.total - last) * ROW));
      if (!this.total && this.stretches.get(0)) {
        const row = document.createElement("tr"), cell = document.createElement("td");
        cell.colSpan = this.columns; cell.className = "soft"; cell.textContent = "没有符合条件的知识点";
        row.append(cell); rows.push(row);
      }
      this.body.replaceChildren(...rows);
    }
  }
  for (const place of document.querySelectorAll("[data-grid]")) new Grid(place);
})();
