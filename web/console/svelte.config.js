// Settings of the Svelte compiler, shared by Vite and svelte-check. Nothing else belongs here.
export default { compilerOptions: { runes: true } };
