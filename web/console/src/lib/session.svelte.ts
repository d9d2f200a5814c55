// Who is signed in. Signing in and out, and the CSRF token that goes with it.
import { api, Problem, setCsrf, setUnauthorized } from './api';
import { belongTo, forgetWords } from './kept';
import type { Account, Role, SignedIn } from './types';

export const session = $state<{ state: 'unknown' | 'out' | 'in'; account: Account | null; expired: boolean }>({ state: 'unknown', account: null, expired: false });

const rank: Record<Role, number> = { agent: 0, supervisor: 1, administrator: 2 };
/** Whether the account has this role or one that includes it. */
export const may = (role: Role): boolean => session.account !== null && rank[session.account.role] >= rank[role];
export const isAgent = (): boolean => session.account !== null && session.account.agent !== false && session.account.agent !== null;

function signedIn(body: SignedIn): void {
  setCsrf(body.csrf);
  belongTo(body.account.name);
  session.account = body.account;
  session.state = 'in';
  session.expired = false;
}

setUnauthorized(() => {
  if (session.state === 'in') { session.expired = true; session.state = 'out'; }
});

/** A supervisor who was no agent of the desk becomes one, in no line. */
export async function becomeAgent(): Promise<void> {
  await api.post('/supervisor/agent');
  await recall();
}

/** Looks whether the browser still has a session. Throws when the server cannot be reached. */
export async function recall(): Promise<void> {
  try {
    signedIn(await api.get<SignedIn>('/session'));
  } catch (error) {
    if (error instanceof Problem && error.status !== 0 && error.status < 500) session.state = 'out';
    else throw error;
  }
}
export async function signIn(username: string, password: string): Promise<void> {
  signedIn(await api.post<SignedIn>('/session', { username, password }));
}
export async function signOut(): Promise<void> {
  await api.delete('/session').catch(() => undefined);
  forgetWords();
  session.state = 'out';
  session.account = null;
  setCsrf('');
}
