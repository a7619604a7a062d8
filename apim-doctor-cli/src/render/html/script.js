"use strict";
(() => {
  const one = (what) => document.querySelector(what);
  const all = (what) => [...document.querySelectorAll(what)];

  // Details of a large page are text until they are opened: markup of this page, in which every name is escaped.
  const build = (details) => {
    for (const later of details.querySelectorAll(":scope > noscript")) {
      const part = document.createElement("template");
      part.innerHTML = later.textContent;
      later.replaceWith(part.content);
    }
    for (const button of details.querySelectorAll(".copy[hidden]")) button.hidden = false;
  };
  document.addEventListener("toggle", (event) => event.target.open && build(event.target), true);
  for (const open of all("details[open]")) build(open);

  // Copy buttons.
  for (const button of all(".copy")) button.hidden = false;
  const said = document.createElement("p");
  said.className = "note";
  said.setAttribute("role", "status");
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const done = await copy(button.previousElementSibling.textContent);
    said.textContent = done ? "Copied." : "The browser refused: select the text and copy it.";
    button.after(said);
    button.focus();
  });

  // The filter.
  const form = one("#filter");
  if (!form) return;
  const index = () =>
    all(".group").map((group) => ({
      group,
      caller: group.dataset.caller,
      text: [...group.querySelectorAll(":scope > h3, :scope > .reasons")].map((part) => part.textContent).join(" ").toLowerCase(),
      paths: [...group.querySelectorAll(":scope > .paths > .path")].map((path) => ({
        path,
        kind: path.classList[1],
        text: `${path.textContent} ${path.dataset.id}`.toLowerCase(),
      })),
    }));
  let groups;
  const total = all(".path").length;
  const caller = one("#caller");
  const search = one("#search");
  const filter = () => {
    const kinds = new Set([...form.elements.kind].filter((box) => box.checked).map((box) => box.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = caller ? caller.value : "";
    let shown = 0;
    groups ??= index();
    for (const { group, caller: own, text, paths } of groups) {
      const says = (line) => words.every((word) => line.includes(word) || text.includes(word));
      const fits = ({ kind, text: line }) => kinds.has(kind) && says(line);
      const fitting = new Set(wanted && wanted !== own ? [] : paths.filter(fits));
      group.hidden = fitting.size === 0;
      shown += fitting.size;
      // Paths of a hidden group are left as they are.
      if (!group.hidden) for (const one of paths) one.path.hidden = !fitting.has(one);
    }
    one("#empty").hidden = shown > 0;
    const all = `${total} access path${total === 1 ? "" : "s"}`;
    one("#count").textContent = shown === total ? all : `${shown} of ${all}`;
  };
  let waiting;
  for (const change of ["input", "change"]) {
    form.addEventListener(change, () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 80);
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of all("a[data-search]")) {
    link.addEventListener("click", () => {
      search.value = link.dataset.search;
      filter();
    });
  }
  form.hidden = false;
  // The browser may have kept what was chosen before the page was loaded again.
  const isChosen = [...form.elements].some((field) => (field.type === "checkbox" ? !field.checked : field.value));
  if (isChosen) filter();
})();
