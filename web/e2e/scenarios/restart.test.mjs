// The server is taken away with SIGKILL in the middle: everybody finds their place and words again, nothing missing, nothing twice.
import { plain } from "../harness/desks.mjs";
import { scenario } from "../harness/stage.mjs";

const both = { anna: "agent", bert: "agent" };
const desk = plain({ chats_max: 2, more: "offer_timeout_s = 120" });

scenario("killed while one talks, one is offered and two wait: all go on", { desk, accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join("first question");
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await chat.write("Good day.");
  await mira.write("Hello.");
  await chat.reads("Good day.", "Hello.");
  await mira.reads("Good day.", "Hello.");
  const noor = await (await stage.visitor("Noor")).join();
  await anna.offer("Noor").waitFor();
  const omar = await (await stage.visitor("Omar")).join();
  await omar.place(2);
  const pia = await (await stage.visitor("Pia")).join();
  await pia.place(3);

  await stage.server.kill();
  await mira.write("Said while you were gone.");
  await mira.page.getByText("No connection").first().waitFor();
  await stage.server.start();

  await mira.reads("Good day.", "Hello.", "Said while you were gone.");
  await chat.reads("Good day.", "Hello.", "Said while you were gone.");
  await pia.place(3);
  await omar.place(2);
  const second = await anna.accept("Noor");
  await noor.talksWith("Anna");
  await omar.place(1);
  await pia.place(2);
  await chat.write("Here I am again.");
  await second.write("And good day to you.");
  await mira.reads("Good day.", "Hello.", "Said while you were gone.", "Here I am again.");
  await noor.reads("And good day to you.");
  await anna.waits("Omar", "Pia");
  await chat.end();
  await mira.ended();
  await anna.accept("Omar");
  await omar.talksWith("Anna");
  await pia.place(1);
});

scenario("killed three times while they talk: every word is there, once, in one order", { desk, accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  const all = [];
  for (const round of [1, 2, 3]) {
    for (const n of [1, 2]) {
      await mira.write(`visitor ${round}.${n}`);
      all.push(`visitor ${round}.${n}`);
      await chat.reads(...all);
    }
    await chat.write(`agent ${round}`);
    all.push(`agent ${round}`);
    await mira.reads(...all);
    await stage.server.kill();
    await stage.server.start();
  }
  await mira.reads(...all);
  await chat.reads(...all);
  await mira.reload();
  await anna.reload();
  await mira.reads(...all);
  await (await anna.chat("Mira")).reads(...all);
});

scenario("stopped in good order: clients come back by themselves", { desk, accounts: both }, async (stage) => {
  const anna = await stage.agent("anna");
  const mira = await (await stage.visitor("Mira")).join();
  const chat = await anna.accept("Mira");
  await mira.talksWith("Anna");
  await chat.write("Before.");
  await mira.reads("Before.");
  await stage.server.stop();
  await stage.server.start();
  await mira.write("After.");
  await chat.reads("Before.", "After.");
  await chat.write("Indeed.");
  await mira.reads("Before.", "After.", "Indeed.");
});
