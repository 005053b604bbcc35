// What the pages need beyond plain links: keyboard, charts, the choice of columns. No inline script anywhere (strict CSP).
(() => {
  const money = (fen) => (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const wan = (fen) => (fen / 1e6).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const data = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const small = { fontSize: 11, color: "#55637a", fontFamily: "inherit" };
  // Tooltips as drawn text: HTML ones would carry inline styles, which the policy refuses.
  const tooltip = { trigger: "axis", renderMode: "richText", confine: true, textStyle: { fontSize: 12 } };

  const options = {
    trend(points) {
      return {
        animation: false, tooltip: { ...tooltip, formatter: ([a]) => `${points[a.dataIndex].month}\n疑点 ${points[a.dataIndex].n.toLocaleString()} 条\n涉及金额 ${money(points[a.dataIndex].fen)} 元` },
        grid: { left: 6, right: 6, top: 22, bottom: 2, containLabel: true },
        legend: { top: -4, itemHeight: 8, itemWidth: 14, textStyle: small, data: ["疑点数（条）", "涉及金额（万元）"] },
        xAxis: { type: "category", data: points.map((p) => p.month), axisLabel: small, axisTick: { show: false }, axisLine: { lineStyle: { color: "#9fb0c8" } } },
        yAxis: [
          { type: "value", axisLabel: small, splitNumber: 2, splitLine: { lineStyle: { color: "#edf0f5" } } },
          { type: "value", axisLabel: small, splitNumber: 2, splitLine: { show: false } },
        ],
        series: [
          { name: "疑点数（条）", type: "bar", data: points.map((p) => p.n), itemStyle: { color: "#5b9bf8" }, barMaxWidth: 26 },
          { name: "涉及金额（万元）", type: "line", yAxisIndex: 1, data: points.map((p) => p.fen / 1e6), symbolSize: 6, itemStyle: { color: "#d97b00" }, lineStyle: { width: 2 } },
        ],
      };
    },
    reminders(points) {
      return {
        animation: false, tooltip: { ...tooltip, formatter: ([a]) => `${points[a.dataIndex].day}\n触发 ${points[a.dataIndex].n.toLocaleString()} 条\n已修改 ${points[a.dataIndex].changed.toLocaleString()} 条` },
        grid: { left: 6, right: 6, top: 22, bottom: 2, containLabel: true },
        legend: { top: -4, itemHeight: 8, itemWidth: 14, textStyle: small, data: ["触发", "已修改"] },
        xAxis: { type: "category", data: points.map((p) => p.day.slice(5)), axisLabel: small, axisTick: { show: false }, axisLine: { lineStyle: { color: "#9fb0c8" } } },
        yAxis: { type: "value", axisLabel: small, splitNumber: 2, minInterval: 1, splitLine: { lineStyle: { color: "#edf0f5" } } },
        series: [
          { name: "触发", type: "bar", data: points.map((p) => p.n), itemStyle: { color: "#5b9bf8" }, barMaxWidth: 26 },
          { name: "已修改", type: "bar", data: points.map((p) => p.changed), itemStyle: { color: "#2b7a2b" }, barMaxWidth: 26 },
        ],
      };
    },
    rules(rules) {
      const rows = [...rules].reverse();
      return {
        animation: false, tooltip: { ...tooltip, axisPointer: { type: "none" }, formatter: ([a]) => `${rows[a.dataIndex].name}\n疑点 ${rows[a.dataIndex].n.toLocaleString()} 条\n涉及金额 ${money(rows[a.dataIndex].fen)} 元` },
        grid: { left: 6, right: 62, top: 0, bottom: 0, containLabel: true },
        xAxis: { type: "value", show: false },
        yAxis: { type: "category", data: rows.map((r) => r.name), axisTick: { show: false }, axisLine: { lineStyle: { color: "#9fb0c8" } }, axisLabel: { ...small, interval: 0, width: 190, overflow: "truncate" } },
        series: [{ type: "bar", data: rows.map((r) => r.fen), itemStyle: { color: "#1554b8" }, barWidth: "62%", label: { show: true, position: "right", ...small, color: "#1d2733", formatter: (a) => wan(a.value) } }],
      };
    },
  };

  function drawCharts() {
    for (const place of document.querySelectorAll(".chart[data-chart]")) {
      const points = data(place.dataset.from);
      if (!points?.length) continue;
      const chart = echarts.init(place, null, { renderer: "canvas" });
      chart.setOption(options[place.dataset.chart](points));
      const order = place.dataset.chart === "rules" ? [...points].reverse() : points;
      chart.on("click", (hit) => { location.href = place.dataset.base + order[hit.dataIndex].href; });
      new ResizeObserver(() => chart.resize()).observe(place);
    }
  }

  // ECharts is the largest file: fetched only where a chart is, after the page has been painted.
  function loadCharts() {
    if (!document.querySelector(".chart[data-chart]")) return;
    const script = document.createElement("script");
    script.src = document.body.dataset.echarts;
    script.addEventListener("load", drawCharts);
    document.head.append(script);
  }

  const rowsOf = () => [...document.querySelectorAll("table.list tbody tr[data-href]")];
  function step(by) {
    const rows = rowsOf();
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = Math.min(rows.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by));
    rows.forEach((row, i) => row.classList.toggle("at", i === next));
    rows[next].scrollIntoView({ block: "nearest" });
    sessionStorage.setItem("at", rows[next].dataset.href);
  }
  const press = (selector) => document.querySelector(selector)?.click();
  const keys = {
    j: () => step(1), k: () => step(-1),
    Enter: () => { const row = document.querySelector("table.list tr.at"); if (row) location.href = row.dataset.href; },
    n: () => press("[data-key=next]"), p: () => press("[data-key=previous]"), u: () => press("[data-key=up]"),
    "/": () => document.getElementById("search")?.focus(),
    x: () => document.querySelector("table.list tr.at input[name=number]")?.click(),
    a: () => press("#decide [data-key=adopt], #decide [data-key=uphold], #decide [data-key=sign]"),
    d: () => document.getElementById("opinion")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  document.addEventListener("click", (event) => {
    const from = document.getElementById(event.target.closest("[data-copy]")?.dataset.copy);
    if (from) { from.select(); navigator.clipboard?.writeText(from.value); document.getElementById("toast").textContent = "已复制"; }
    if (event.target.closest("[data-print]")) window.print();
    for (const open of document.querySelectorAll("details[open].who, details[open].chart-table, details[open].columns, details[open].give")) if (!open.contains(event.target)) open.open = false;
    const row = event.target.closest("table.list tr[data-href]");
    if (row && !event.target.closest("a, button, input") && !String(getSelection())) location.href = row.dataset.href;
  });
  // Many findings at once: the buttons say how many are picked, and wait until some are.
  function counted() {
    const form = document.querySelector("form[data-bulk]");
    if (!form) return;
    const picked = [...document.querySelectorAll("input[name=number]:checked")].length;
    const all = form.elements.all.checked;
    form.querySelector(".picked").textContent = all ? `已选全部 ${form.dataset.total} 条` : picked ? `已选 ${picked} 条` : "未选择";
    for (const button of form.querySelectorAll("button")) button.disabled = !all && !picked;
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) for (const box of document.querySelectorAll("input[name=number]")) box.checked = event.target.checked;
    if (event.target.matches("[data-pick-all], input[name=number], form[data-bulk] input[name=all]")) counted();
  });
  document.addEventListener("htmx:after:swap", counted);
  // A form is sent once; coming back with the browser's arrow opens it again.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-once], [data-bulk]") || event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; counted(); });
  // The export is a download: say that it has begun, since a large one takes seconds.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-export]")) return;
    const toast = document.getElementById("toast");
    toast.textContent = "正在生成 Excel，完成后自动下载…";
    setTimeout(() => { toast.textContent = ""; }, 6000);
  });
  // Coming back to the list: the row one left is marked again.
  function mark() {
    const left = sessionStorage.getItem("at");
    const row = left && rowsOf().find((one) => one.dataset.href === left);
    if (row) { row.classList.add("at"); row.scrollIntoView({ block: "nearest" }); }
  }
  document.addEventListener("DOMContentLoaded", () => { mark(); requestAnimationFrame(() => setTimeout(loadCharts)); });

  // Columns a person doesn't want are hidden and stay hidden on this machine.
  document.addEventListener("alpine:init", () => {
    Alpine.data("columns", () => ({
      hidden: JSON.parse(localStorage.getItem("columns") || '["assignee"]'),
      init() { this.apply(); document.addEventListener("htmx:after:swap", () => this.apply()); },
      toggle(event) {
        const name = event.target.value;
        this.hidden = event.target.checked ? this.hidden.filter((one) => one !== name) : [...this.hidden, name];
        localStorage.setItem("columns", JSON.stringify(this.hidden));
        this.apply();
      },
      apply() {
        for (const box of document.querySelectorAll(".columns input")) box.checked = !this.hidden.includes(box.value);
        for (const cell of document.querySelectorAll("table.list [data-column]")) cell.hidden = this.hidden.includes(cell.dataset.column);
      },
    }));
  });
})();
