const answer = await fetch("/api/observations");
document.getElementById("root").textContent = await answer.text();
