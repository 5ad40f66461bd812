"use strict";
for (const time of document.querySelectorAll("time")) {
  const at = new Date(time.dateTime);
  time.title = time.textContent + " UTC";
  time.textContent = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
const add = document.getElementById("add");
if (add) {
  add.hidden = false;
  const list = add.querySelector("ul"), input = add.querySelector("input");
  const put = (file, replace, bar) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", location.pathname + encodeURIComponent(file.name.normalize()));
    if (!replace) request.setRequestHeader("If-None-Match", "*");
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onloadend = () => done(request.status);
    request.send(file);
  });
  const why = {
    0: "the connection broke off; try again", 401: "sign in again", 403: "you may not write here", 404: "the folder is gone",
    409: "the folder is gone", 412: "not replaced", 413: "too large", 423: "somebody else has it locked", 507: "no space left",
  };
  const send = async (files) => {
    let failed = false;
    for (const file of files) {
      const row = document.createElement("li"), bar = document.createElement("progress"), name = document.createElement("span");
      bar.max = 1;
      name.textContent = file.name;
      row.append(bar, name);
      list.append(row);
      let status = await put(file, false, bar);
      if (status === 412 && confirm("Replace " + file.name + "?")) status = await put(file, true, bar);
      if (status < 200 || status > 299) {
        failed = true;
        name.className = "bad";
        name.textContent = file.name + ": " + (why[status] || "the server answered " + status);
      }
    }
    if (!failed) location.reload();
  };
  add.querySelector("button").addEventListener("click", () => input.click());
  input.addEventListener("change", () => send([...input.files]));
  const over = (event, on) => {
    if (event.dataTransfer && [...event.dataTransfer.types].includes("Files")) {
      event.preventDefault();
      document.body.classList.toggle("over", on);
    }
  };
  addEventListener("dragover", (event) => over(event, true));
  addEventListener("dragleave", (event) => over(event, false));
  addEventListener("drop", (event) => {
    over(event, false);
    // Folders come as entries without content: what cannot be read is told by the answer.
    if (event.dataTransfer) send([...event.dataTransfer.files]);
  });
}
