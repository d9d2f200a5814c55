// Every word of the console in English. Another language is a copy of this file with the same keys.

const plural = (n: number, one: string, many: string): string => (n === 1 ? one : many.replace('#', String(n)));

const endings: Record<string, string> = {
  closed: 'ended', agent: 'ended by the agent', visitor: 'the visitor left', visitor_left: 'the visitor left', departed: 'left the line', abandoned: 'left the line',
  idle: 'ended after a long silence', closing: 'ended at closing time', expired: 'nobody came', desk: 'ended by the desk', supervisor: 'ended by a supervisor',
  served: 'served', rejected: 'could not be helped', lost: 'connection lost', blocked: 'blocked',
};

export const en = {
  product: 'Anteroom',
  common: {
    close: 'Close', cancel: 'Cancel', save: 'Save', saved: 'Saved.', deleted: 'Deleted.', dismiss: 'Dismiss', back: 'Back', again: 'Try again', loading: 'Loading …', more: 'More', add: 'Add',
    edit: (what: string) => `Edit ${what}`, remove: (what: string) => `Delete ${what}`, yes: 'Yes', no: 'No', copy: 'Copy', copied: 'Copied.', none: 'None', search: 'Search',
    up: (what: string) => `Move ${what} up`, down: (what: string) => `Move ${what} down`, loadMore: 'Show more', optional: 'optional', actions: 'Actions',
  },
  time: { seconds: (n: number) => `${n} s`, minutes: (n: number) => `${n} min`, hours: (h: number, m: number) => (m === 0 ? `${h} h` : `${h} h ${m} min`), days: (n: number) => plural(n, '1 day', '# days') },
  problem: {
    unknown: 'That did not work.', retry: (s: number) => `Too many attempts. Try again in ${s} s.`,
    codes: {
      network: 'The server cannot be reached.', timeout: 'The server did not answer in time.', unauthorized: 'Your session has ended. Sign in again.', forbidden: 'Your account may not do that.',
      not_found: 'It is no longer there.', not_yours: 'That belongs to somebody else.', offer_gone: 'The offer is gone.', not_eligible: 'Not possible for this agent or queue.',
      wrong_state: 'That is not possible in the present state.', rate_limited: 'Too many attempts.', too_large: 'That is too large.', unsupported_media_type: 'Files of this kind are not accepted.',
      stopping: 'The server is restarting.', storage_full: 'The server’s storage is full.', internal: 'The server failed.', csrf: 'The page is out of date. Reload it.', queue_closed: 'The queue is closed.',
      queue_full: 'The queue is full.', version_conflict: 'Somebody else changed the desk in the meantime.', limit: 'A limit is reached.',
    },
  },
  signIn: { title: 'Sign in to Anteroom', username: 'Name', password: 'Password', show: 'Show password', go: 'Sign in', busy: 'Signing in …', wrong: 'Name or password is wrong.', expired: 'Your session has ended. Please sign in again.', foot: 'For agents, supervisors and administrators.' },
  nav: { desk: 'Desk', floor: 'Floor', archive: 'Archive', admin: 'Settings', places: 'Places', you: 'You and your settings', signOut: 'Sign out', skip: 'Skip to content' },
  link: {
    connecting: 'Connecting …', lost: 'Connection lost. Next attempt in', now: 'Try now', replaced: 'You are signed in in another window, which has taken over. This one is resting.', takeOver: 'Use this window',
    refused: 'This account is not an agent of the desk, so there is nothing live to show here.', stopped: 'You have been signed out of the desk.', again: 'Come back',
  },
  settings: {
    theme: { auto: 'Theme of the system', light: 'Light', dark: 'Dark' }, calls: 'Sounds and keys', soundOn: 'Sounds on', soundOff: 'Sounds off', notify: 'Allow desktop notifications', notifyShort: 'Notifications',
    notifyOn: 'Notifications are on.', notifyOff: 'The browser does not allow notifications.', enterBreaks: 'Enter makes a new line', enterSends: 'Enter sends', keysOff: 'Switch single-key shortcuts off', keysOn: 'Switch single-key shortcuts on',
  },
  show: { chat: 'Free to chat', available: 'Available', away: 'Away', xa: 'Away for long', dnd: 'Do not disturb', offline: 'Offline' },
  showHint: { chat: 'Eager: offered first', available: 'Receives offers', away: 'No offers', xa: 'No offers, back later', dnd: 'No offers, not even urgent ones', offline: '' },
  doors: { open: 'Open', last_call: 'Last call', closed: 'Closed' },
  availability: {
    title: 'Availability · Alt+S', menu: 'Availability:', because: 'Away because of', more: 'More', queues: 'My queues and limit', queuesHelp: 'Switched off, a queue no longer offers you its visitors.',
    noQueues: 'You are not a member of any queue.', maxChats: 'Chats at the same time', fewer: 'One fewer', more1: 'One more', wrapUp: 'Wrap-up', readyNow: 'Ready now',
  },
  lines: {
    title: 'Waiting', total: (n: number) => (n === 0 ? 'nobody' : String(n)), waiting: (n: number) => `${n} waiting`, takeNext: 'Take next', take: 'Take', takeLabel: (who: string) => `Take ${who}`, moreLabel: (who: string) => `More about ${who}`,
    staff: 'Staff', staffed: 'Staffing', none: 'No queues', noneText: 'You are not a member of a queue yet.', nobody: 'Nobody is waiting', nobodyText: 'Who arrives appears here at once.', noWords: 'Nothing written yet',
    andMore: (n: number) => `and ${n} more`, priority: (n: number) => `P${n}`, returning: 'Returning visitor', toChats: (n: number) => plural(n, '1 chat', '# chats'),
    state: { waiting: 'Waiting', offered: 'Being offered', held: 'Connection lost', confirming: 'Confirming' },
    place: (n: number) => `Place ${n}:`,
  },
  offer: {
    region: 'Offers', title: { request: 'New visitor', transfer: 'Transfer to you', conference: 'You are asked to join' }, from: (who: string) => `from ${who}`, waited: 'waiting', earlier: (n: number) => plural(n, '1 earlier chat', '# earlier chats'),
    lastWith: (who: string) => `last with ${who}`, callback: 'Callback', accept: 'Accept', reject: 'Reject', more: (n: number) => `and ${n} more`, taken: 'Somebody else took it.', takenBy: (who: string) => `${who} took it.`,
    expired: 'The offer expired.', revoked: 'The offer was withdrawn.', spoken: (what: string, who: string, queue: string) => `${what}: ${who}, ${queue}. Alt A accepts, Alt R rejects.`,
  },
  chat: {
    chats: 'Chats', none: 'No chats', noneText: 'An offer that you accept opens here.', with: (who: string) => `Chat with ${who}`, unread: (n: number) => plural(n, '1 unread message', '# unread messages'), away: 'gone', typing: (who: string) => `${who} is typing`,
    beside: (who: string) => `Show ${who} beside`, unsplit: 'Only as a tab', toLines: 'To the lines', ended: 'ended', endedWord: 'This chat has ended.', endedBy: (how: string) => `This chat has ended: ${how}.`, invited: 'Visitor is being brought in …', lost: 'Connection lost',
    part: { holder: 'Yours', second: 'You are second', supervisor: 'You are looking on' }, more: 'More', end: 'End', endTitle: (who: string) => `End the chat with ${who}?`, endText: 'The visitor is told that the chat has ended.', leave: 'Leave', block: 'Block this visitor', blockHint: 'For 24 hours',
    blocked: 'Blocked for 24 hours.', transcript: 'Transcript', also: (names: string) => `Also here: ${names}`, putAway: 'Put away', tags: 'Tags', log: (who: string) => `Messages with ${who}`, earlier: 'Earlier messages', newest: 'Newest', you: 'You',
    from: { visitor: 'Visitor', agent: 'Agent', desk: 'Desk' }, correct: 'Correct', correcting: 'Correcting your message', saveCorrection: 'Save', corrected: 'corrected', seen: 'seen', sending: 'sending …', discard: 'Discard', send: 'Send', file: 'Attach a file',
    write: 'Write', writeTo: (who: string) => `Message to ${who}`, placeholder: 'Write a message, or / for a canned reply', left: (n: number) => `${n} left`, wrote: (who: string) => `${who} wrote`,
  },
  event(what: string, who: string, text: string): string {
    const by = who === '' ? 'Somebody' : who;
    const known: Record<string, string> = { entered: `${by} came in`, left: `${by} left`, lost: `${by} lost the connection`, returned: `${by} is back`, transferred: `Handed over to ${by}`, ended: 'The chat ended', greeting: text };
    return known[what] ?? (text || what);
  },
  ending(how: string, by: string): string {
    if (by === 'visitor' && (how === 'closed' || how === 'ended')) return 'the visitor left';
    return endings[how] ?? how.replaceAll('_', ' ');
  },
  note: { title: 'Note', many: 'Notes', by: (who: string) => `Note by ${who}, for the desk only`, hint: 'Note for the desk. The visitor does not see it.', placeholder: 'Write a note for the desk', add: 'Add note' },
  canned: {
    title: 'Canned replies', shortcut: 'Shortcut, typed after /', name: 'Title', text: 'Text', help: '{visitor} and {agent} are replaced by the names.', workgroup: 'Only in workgroup', allWorkgroups: 'All workgroups', locale: 'Only for language', shared: 'For everybody',
    mine: 'mine', sharedOne: 'shared', none: 'No canned replies yet.', add: 'New', search: 'Search replies',
  },
  transfer: {
    title: 'Transfer or bring in', heading: (who: string) => `Transfer ${who}`, kind: 'What to do', handOver: 'Hand over', bringIn: 'Bring in', handOverText: 'The visitor stays with you until somebody has taken over.', bringInText: 'A second agent joins; you keep the chat.', search: 'Search agents, queues, workgroups',
    to: 'To whom', agents: 'Agents', queues: 'Queues', workgroups: 'Workgroups', load: (n: number, max: number) => `${n} of ${max} chats`, queueHint: (n: number, free: number) => `${n} waiting, ${free} free`, none: 'Nobody found.', note: 'Note for the other agent', notePlaceholder: 'What it is about',
    absent: 'Not there at present. The offer may expire, and the visitor then stays with you.', goTransfer: 'Hand over', goConference: 'Bring in', asked: 'Offered. You keep the visitor until it is taken.', invited: 'Asked to join.', waiting: (who: string) => `Handing over to ${who} …`, inviting: (who: string) => `Asking ${who} to join …`, cancel: 'Call back',
  },
  visitor: { panel: 'Visitor', about: 'About', language: 'Language', page: 'Page', address: 'Address', since: 'Chat since', earlier: 'Earlier chats', firstTime: 'None: here for the first time.', noHistory: 'Earlier chats are not available.', noAgent: 'no agent' },
  archive: {
    title: 'Archive', placeholder: 'Search words, names', workgroup: 'Workgroup', anyWorkgroup: 'Any workgroup', agent: 'Agent', anyAgent: 'Any agent', from: 'From', to: 'To', go: 'Search', start: 'Search earlier chats', startText: 'By words that were said, by name, by time.', nothing: 'Nothing found',
    found: (n: number) => plural(n, '1 chat found', '# chats found'), more: 'Show more', noWords: 'Nothing was said, or it has been erased.', download: (format: string) => `Save as ${format}`,
  },
  password: { title: 'Change password', old: 'Present password', fresh: 'New password', again: 'New password again', short: (n: number) => `At least ${n} characters.`, differ: 'The two new passwords differ.', wrong: 'The present password is wrong.', done: 'Password changed.' },
  keys: {
    title: 'Keyboard shortcuts',
    groups: [
      { title: 'Offers', keys: [['Alt A', 'Accept the offer'], ['Alt R', 'Reject the offer'], ['Enter', 'Accept, when the offer has the focus'], ['R', 'Reject, when the offer has the focus']] },
      { title: 'Chats', keys: [['Alt 1 … 9', 'Go to a chat'], ['Alt Shift 1 … 9', 'Show a chat beside'], ['Alt ↑ ↓', 'Previous or next chat'], ['Alt C', 'Write'], ['Alt N', 'Note'], ['Alt T', 'Transfer or bring in'], ['Alt E', 'End the chat'], ['Alt V', 'Visitor panel']] },
      { title: 'Writing', keys: [['Enter', 'Send'], ['Shift Enter', 'New line'], ['/', 'Canned replies'], ['↑', 'Correct the last message'], ['Esc', 'Leave note or correction']] },
      { title: 'Elsewhere', keys: [['Alt L', 'To the waiting lines, then ↑ ↓ and Enter'], ['Alt S', 'Availability'], ['Alt M', 'Sounds on or off'], ['?', 'This sheet']] },
    ] as { title: string; keys: [string, string][] }[],
  },
  floor: {
    overTarget: 'Longer than the target', title: 'Floor', waiting: 'Waiting', longest: 'Longest wait', target: 'Target', staffed: 'Staffed', free: 'Free slots', today: 'Today', answered: 'Answered', abandoned: 'Abandoned', arrived: 'Arrived', within: 'Within target', meanWait: 'Mean wait',
    queues: 'Queues', agents: 'Agents', queue: 'Queue', agent: 'Agent', state: 'State', since: 'For', chats: 'Chats', members: 'Queues', lost: 'Connection lost', wrapUp: 'Wrap-up', status: 'Status', fine: 'On target', soon: 'Near target', late: 'Over target', idle: 'Nobody waiting', unstaffed: 'Nobody there',
    setShow: 'Set availability', optedOut: 'opted out', signOut: 'Sign out of the desk', line: 'Waiting line', chatsNow: 'Running chats', enter: 'Enter', allQueues: 'All queues',
    skills: 'Skills asked for', priority: 'Priority', level: 'Rolled over', byHand: 'By hand', head: 'To the head', setPriority: 'Set', assignTo: 'Assign to …', assign: 'Assign', moveTo: 'Move to …', move: 'Move', end: 'End request', endSure: 'End this request? The visitor is told.', endYes: 'End it',
    plots: 'Today by quarter of an hour', asTable: 'Table', asPlot: 'Plot', arrivals: 'Arrived', waits: 'Mean wait', time: 'Time', noReport: 'No figures yet today.', plotLabel: (what: string) => `Plot of ${what}. The same figures are in the table.`,
    left: 'Left messages', leftNone: 'No messages were left.', done: 'Done', undone: 'Open', markDone: 'Mark as done', everybody: 'All agents', here: 'Signed in', search: 'Search agents', views: 'Views', overview: 'Overview', minutes: 'min', people: 'people',
    summary: (waiting: number, late: number, free: number) => `${waiting} waiting, ${late} queues over target, ${free} free slots`, chatEnterId: 'Chat', held: (title: string) => `with ${title}`, range: 'Report', from: 'From', to: 'To', by: 'By', show: 'Show', csv: 'Save as CSV', byQueue: 'Queue', byAgent: 'Agent', byDay: 'Day', reportNone: 'No figures in this time.',
  },
  report: {
    queue: 'Queue', agent: 'Agent', day: 'Day', arrived: 'Arrived', answered: 'Answered', abandoned: 'Abandoned', within_target: 'Within target', mean_wait_s: 'Mean wait (s)', longest_wait_s: 'Longest wait (s)', mean_chat_s: 'Mean chat (s)', chats: 'Chats', rating: 'Rating', key: 'What',
  } as { [column: string]: string },
};
export type Strings = typeof en;
