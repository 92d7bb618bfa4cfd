"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const filters = $("#filters");
  const query = $("#q");
  const family = $("#family");
  const boxes = $$("input[type=checkbox]", filters);
  const groups = $$("[data-group]").map((el) => ({ el, head: null, shown: 0 }));
  const groupOf = new Map(groups.map((group) => [group.el, group]));
  const items = $$("[data-fingerprint]").map((el) => ({
    el, text: null, group: groupOf.get(el.closest("[data-group]")),
  }));

  // Theme: what the system prefers, unless the reader chose.
  const themes = ["auto", "light", "dark"];
  const button = $("#theme");
  const remember = (value) => { try { localStorage.setItem("policyscan-theme", value); } catch { /* not allowed here */ } };
  const remembered = () => { try { return localStorage.getItem("policyscan-theme"); } catch { return null; } };
  const setTheme = (theme) => {
    if (theme === "auto") root.removeAttribute("data-theme"); else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(remembered()) ? remembered() : "auto";
  setTheme(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    setTheme(theme);
    remember(theme);
  });

  // Filters: nothing chosen in a facet means everything.
  const chosen = () => {
    const state = { q: query.value.trim().toLowerCase(), family: family.value ? [family.value] : [] };
    for (const box of boxes) {
      state[box.name] ??= [];
      if (box.checked) state[box.name].push(box.value);
    }
    return state;
  };
  const narrowed = (state) => Object.values(state).some((value) => value.length > 0);
  const textOf = (item) => {
    const { group } = item;
    group.head ??= ($(":scope > .brief, :scope > summary", group.el)?.textContent ?? "").toLowerCase();
    item.text ??= item.el.textContent.toLowerCase() + item.el.dataset.fingerprint;
    return group.head + item.text;
  };
  const has = (values, value) => values.length === 0 || values.includes(value);
  const matches = (item, state) =>
    has(state.verdict, item.el.dataset.verdict) &&
    has(state.blocking, item.el.dataset.blocking ?? "no") &&
    has(state.change ?? [], item.el.dataset.change ?? "") &&
    has(state.severity, item.group.el.dataset.severity) &&
    has(state.family, item.group.el.dataset.family) &&
    (state.q === "" || state.q.split(/\s+/).every((word) => textOf(item).includes(word)));

  const apply = () => {
    const state = chosen();
    const active = narrowed(state);
    for (const group of groups) group.shown = 0;
    let shown = 0;
    for (const item of items) {
      const match = matches(item, state);
      item.el.hidden = !match;
      if (match) { shown += 1; item.group.shown += 1; }
    }
    for (const group of groups) {
      group.el.hidden = group.shown === 0;
      if (active && group.shown && shown <= 200 && group.el.tagName === "DETAILS") group.el.open = true;
    }
    for (const part of $$(".part")) part.hidden = active && !$("[data-group]:not([hidden])", part);
    filters.classList.toggle("active", active);
    const total = items.length.toLocaleString("en");
    $("#shown").textContent = active
      ? `Filtered view: ${shown.toLocaleString("en")} of ${total} verdicts shown (${describe(state)})`
      : `All ${total} verdicts shown`;
    return state;
  };
  const describe = (state) => Object.entries(state).filter(([, value]) => value.length)
    .map(([name, value]) => `${name === "q" ? "search" : name}: ${[].concat(value).join(", ")}`).join("; ");

  // The state of the filters lives in the address; anchors never hold an equals sign.
  const save = (state) => {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) if (value.length) words.set(name, [].concat(value).join(","));
    const hash = words.toString();
    try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* not allowed here */ }
  };
  const load = (hash) => {
    const words = new URLSearchParams(hash);
    query.value = words.get("q") ?? "";
    family.value = words.get("family") ?? "";
    for (const box of boxes) box.checked = (words.get(box.name) ?? "").split(",").includes(box.value);
    apply();
  };
  const clear = () => load("");
  const update = () => save(apply());
  let timer = 0;
  query.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(update, 120); });
  for (const control of [family, ...boxes]) control.addEventListener("change", update);
  $("#reset").addEventListener("click", () => { clear(); save({}); });

  // A link to anything opens what it lies in.
  const reveal = (id) => {
    const target = document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) clear();
    for (let el = target; el; el = el.parentElement) if (el.tagName === "DETAILS") el.open = true;
    target.scrollIntoView();
  };
  const follow = () => {
    const hash = location.hash.slice(1);
    if (hash.includes("=")) load(hash); else if (hash) reveal(hash);
  };
  window.addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.permalink");
    if (!link || !navigator.clipboard) return;
    const words = link.textContent;
    navigator.clipboard.writeText(link.href).then(() => {
      link.textContent = "link copied";
      setTimeout(() => { link.textContent = words; }, 1500);
    }, () => {});
  });

  // Open and close; everything is open on paper.
  const openAll = (open) => { for (const el of $$("#record details")) if (!el.hidden) el.open = open; };
  $("#open-all").addEventListener("click", () => openAll(true));
  $("#close-all").addEventListener("click", () => openAll(false));
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = $$("details:not([open])");
    for (const el of closed) el.open = true;
  });
  window.addEventListener("afterprint", () => { for (const el of closed) el.open = false; });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && event.target === query) {
      query.value = "";
      update();
    }
  });

  // Where the reader is.
  const links = new Map($$(".side nav a").map((link) => [link.hash.slice(1), link]));
  if ("IntersectionObserver" in window) {
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) {
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target.id).setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-15% 0px -80% 0px" });
    for (const id of links.keys()) watch.observe(document.getElementById(id));
  }

  filters.hidden = false;
  apply();
  follow();
})();
