"use strict";
(() => {
  document.documentElement.classList.add("js");
  const find = (id) => document.getElementById(id);
  const table = find("table");
  const bodies = table ? [...table.tBodies] : [];

  const open = (body, yes) => {
    body.classList.toggle("o", yes);
    body.querySelector(".open").setAttribute("aria-expanded", String(yes));
  };

  if (table) {
    for (const body of bodies) {
      body.querySelector(".open").addEventListener("click", () => open(body, !body.classList.contains("o")));
    }

    // Sorting: each row carries its values; equal ones stay in the order of the page.
    for (const head of table.tHead.rows[0].cells) {
      const button = head.querySelector("button");
      if (!button) continue;
      button.addEventListener("click", () => {
        const key = button.dataset.key;
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = (body) => body.dataset[key];
        const number = button.dataset.number !== undefined;
        const compare = (a, b) => number ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b));
        for (const body of [...bodies].sort((a, b) => down ? compare(b, a) : compare(a, b))) table.append(body);
      });
    }

    // Filters: a row is shown when it passes all of them.
    const search = find("search"), unsure = find("unsure"), shown = find("shown");
    const sides = [...document.querySelectorAll("input[name=position]")];
    const filter = () => {
      const words = search.value.trim().toLocaleLowerCase();
      const wanted = new Set(sides.filter((box) => box.checked).map((box) => box.value));
      let count = 0;
      for (const body of bodies) {
        const passes = body.dataset.find.includes(words) && wanted.has(body.dataset.position)
          && (!unsure.checked || body.dataset.unsure === "1");
        body.hidden = !passes;
        count += passes;
      }
      shown.textContent = count + " of " + bodies.length + " shown";
    };
    for (const control of [search, unsure, ...sides]) control.addEventListener("input", filter);
    find("all").addEventListener("click", () => bodies.forEach((body) => open(body, true)));
    find("nothing").addEventListener("click", () => bodies.forEach((body) => open(body, false)));
    // A reload brings back what was typed.
    filter();

    // One delegation in the full texts: the others step back.
    const speaker = find("speaker");
    const light = () => {
      const code = speaker.value;
      find("texts").classList.toggle("dim", code !== "");
      for (const mark of document.querySelectorAll("mark")) {
        mark.classList.toggle("lit", code !== "" && mark.dataset.by.split(" ").includes(code));
      }
    };
    speaker.addEventListener("input", light);
    if (speaker.value) light();
  }

  // Several texts are closed until somebody wants one.
  const texts = [...document.querySelectorAll("details")];
  if (texts.length > 1) for (const each of texts) each.open = false;

  // A link opens what it leads into, also when it is followed again.
  const reveal = (hash) => {
    const goal = hash && find(decodeURIComponent(hash.slice(1)));
    if (!goal) return;
    for (let up = goal; up; up = up.parentElement) {
      if (up.tagName === "DETAILS") up.open = true;
      if (up.tagName === "TBODY") { up.hidden = false; open(up, true); }
    }
    goal.scrollIntoView();
  };
  addEventListener("hashchange", () => reveal(location.hash));
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) reveal(link.hash);
  });
  reveal(location.hash);

  // Print all of it.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = texts.filter((each) => !each.open);
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
})();
