// Every word of the console in English. Another language is a copy of this file with the same keys.

const plural = (n: number, one: string, many: string): string => (n === 1 ? one : many.replace('#', String(n)));

const endings: Record<string, string> = {
  departed: 'left the line', abandoned: 'gave up waiting', not_entered: 'did not come in', closed_by_visitor: 'the visitor left', closed_by_agent: 'ended by the agent', visitor_lost: 'the visitor’s connection was lost',
  agent_lost: 'the agent’s connection was lost', idle: 'ended after a long silence', desk_closed: 'ended at closing time', by_hand: 'ended by a supervisor', unreachable: 'could not be reached', expired: 'expired',
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
    connecting: 'Connecting …', lost: 'Connection lost. Next attempt in', now: 'Try now', replaced: 'You are signed in in another window, which has taken over. This one is resting.', elsewhere: 'You are at work in another browser. Here you see nothing live until you use this window; the other one then rests.', takeOver: 'Use this window',
    refused: 'This account is not an agent of the desk, so there is nothing live to show here.', stopped: 'You have been signed out of the desk.', again: 'Come back',
  },
  settings: {
    theme: { auto: 'Theme of the system', light: 'Light', dark: 'Dark' }, calls: 'Sounds and keys', soundOn: 'Sounds on', soundOff: 'Sounds off', notify: 'Allow desktop notifications', notifyShort: 'Notifications',
    notifyOn: 'Notifications are on.', notifyOff: 'The browser does not allow notifications.', enterBreaks: 'Enter makes a new line', enterSends: 'Enter sends', keysOff: 'Switch single-key shortcuts off', keysOn: 'Switch single-key shortcuts on',
  },
  show: { chat: 'Free to chat', available: 'Available', away: 'Away', xa: 'Away for long', dnd: 'Do not disturb', offline: 'Offline' },
  showHint: { chat: 'Eager: offered first', available: 'Receives offers', away: 'No offers', xa: 'No offers, back later', dnd: 'No offers, not even urgent ones', offline: '' },
  reason: { break: 'Break', lunch: 'Lunch', meeting: 'Meeting', training: 'Training', 'no-answer': 'Did not answer' } as { [code: string]: string },
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
    chats: 'Chats', none: 'No chats', noneText: 'An offer that you accept opens here.', awayTitle: 'You are not available', awayText: 'Nobody is offered to you in this state.', beAvailable: 'Become available', with: (who: string) => `Chat with ${who}`, unread: (n: number) => plural(n, '1 unread message', '# unread messages'), away: 'gone', typing: (who: string) => `${who} is typing`,
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
  ending(how: string): string {
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
    by4: (n: number) => plural(n, 'by 1 agent', 'by # agents'), setShow: 'Set availability', optedOut: 'opted out', signOut: 'Sign out of the desk', line: 'Waiting line', chatsNow: 'Running chats', enter: 'Enter', read: 'Read', allQueues: 'All queues',
    skills: 'Skills asked for', priority: 'Priority', level: 'Rolled over', byHand: 'By hand', head: 'To the head', setPriority: 'Set', assignTo: 'Assign to …', assign: 'Assign', moveTo: 'Move to …', move: 'Move', end: 'End request', endSure: 'End this request? The visitor is told.', endYes: 'End it',
    plots: 'Today by quarter of an hour', asTable: 'Table', asPlot: 'Plot', arrivals: 'Arrived', waits: 'Mean wait', time: 'Time', noReport: 'No figures yet today.', busiest: (n: number, all: number) => `The ${n} busiest of ${all} queues are shown. The report has them all.`, plotLabel: (what: string) => `Plot of ${what}. The same figures are in the table.`,
    left: 'Left messages', leftNone: 'No messages were left.', done: 'Done', undone: 'Open', markDone: 'Mark as done', everybody: 'All agents', here: 'Signed in', search: 'Search agents', views: 'Views', overview: 'Overview', minutes: 'min', people: 'people',
    summary: (waiting: number, late: number, free: number) => `${waiting} waiting, ${late} queues over target, ${free} free slots`, chatEnterId: 'Chat', enterTitle: (who: string) => `Enter the chat with ${who}`, becomeText: 'Whoever enters a chat speaks there as an agent of the desk. Your account is not one yet. You become an agent without a line: nothing is offered to you, and an administrator can undo it.', becomeGo: 'Become an agent and enter', invited: 'visitor is being brought in', noConnection: 'visitor’s connection lost', handing: (target: string) => `handing over to ${target}`, held: (title: string) => `with ${title}`, range: 'Report', from: 'From', to: 'To', by: 'By', show: 'Show', csv: 'Save as CSV', byQueue: 'Queue', byAgent: 'Agent', byDay: 'Day', reportNone: 'No figures in this time.',
  },
  report: {
    queue: 'Queue', agent: 'Agent', day: 'Day', arrived: 'Arrived', answered: 'Answered', abandoned: 'Abandoned', within_target: 'Within target', mean_wait_s: 'Mean wait (s)', longest_wait_s: 'Longest wait (s)', mean_length_s: 'Mean length (s)', rated: 'Rated', mean_stars: 'Mean stars',
  } as { [column: string]: string },
  role: { agent: 'Agent', supervisor: 'Supervisor', administrator: 'Administrator' },
  unit: { s: 'seconds', d: 'days', kB: 'kB' } as { [unit: string]: string },
  admin: {
    desk: 'The desk', access: 'Access', records: 'Records', workgroups: 'Workgroups', agents: 'Agents', skills: 'Skills', findings: 'Findings', fault: 'Fault', warning: 'Warning',
    applied: 'Applied.', changes: 'Changes not yet applied', changeCount: (n: number) => (n === 0 ? 'Changes' : plural(n, '1 change', '# changes')), noChanges: 'The server sees no change.', notYet: 'The changes are listed once the faults are mended.', checking: 'Checking …', faultCount: (n: number) => plural(n, '1 fault', '# faults'), discard: 'Discard', apply: 'Apply', reload: 'Load the present state',
    workgroupsHelp: 'A workgroup is a public entrance: it has an address, hours, a form, a look, and one or more queues.', newWorkgroup: 'New workgroup', generalQueue: 'General', members: (n: number) => plural(n, '1 member', '# members'), visitorPage: 'Visitors’ page',
    tabs: { general: 'General', hours: 'Hours', form: 'Form', rules: 'Rules', queues: 'Queues', rollover: 'Rollover', look: 'Look and widget', keeping: 'Retention and callback' },
    timing: 'Timing and what happens then', removeGroup: 'Remove this workgroup', removeGroupHelp: 'Its queues go with it. Takes effect when the changes are applied.', removeSure: 'Yes, remove it', retention: 'Retention', retentionHelp: 'After these days what was said is erased; the figures stay.', callback: 'Callback', callbackHelp: 'Visitors may leave and be asked to confirm once an agent is free.',
    newQueue: 'New queue', standard: 'standard', relax: 'Relaxing skills', relaxHelp: 'After a time since joining, a weaker expression takes the place of the skills asked for.', anybody: 'empty: anybody', earlierQueue: 'Earlier in the list', removeQueue: 'Remove this queue',
    membersTitle: 'Members', membersHelp: 'Priority 0 to 9, 5 is normal; higher ones are offered requests first. Capacity limits the chats from this queue.', addMember: 'Add a member …', addEverybody: 'Add everybody', noMembers: 'Nobody helps here yet.', capacity: 'Capacity', otherSkills: 'Other skill levels',
    skillsOf: (who: string) => `Skills of ${who}`, addSkill: (who: string) => `Add a skill for ${who}`, skillAdd: 'Add a skill …', languageAdd: 'Add a language …', labels: 'In other languages', options: 'Options', optionValue: 'value', optionLabel: 'what visitors read', newOption: 'New option', newField: 'New question', formHelp: 'Asked before a visitor joins. Without questions there is no form.', noForm: 'Nothing is asked.',
    rulesHelp: 'Rules choose queue, priority and skills by the answers. The first rule whose conditions all hold wins.', newRule: 'New rule', ruleName: (n: number) => `Rule ${n}`, when: 'When', and: 'and', then: 'Then', ruleField: 'Field', ruleHow: 'Comparison', is: 'is one of', contains: 'contains', answered: 'was answered', asks: 'asks for the skill', values: 'values, with commas', text: 'text', condition: (n: number) => `condition ${n}`, addCondition: 'Add a condition', unchanged: 'the first queue', noRules: 'No rules: everybody joins the first queue.',
    embed: 'On your site', embedHelp: 'Put this line into the page, once, anywhere.', titles: 'Heading in other languages', greetings: 'Greeting in other languages', widget: 'Widget', files: 'Files',
    agentsHelp: 'Who may help. To sign in, an agent needs an account of the same name.', newAgent: 'New agent', removeAgent: 'Remove this agent', skillsHelp: 'Levels are numbers of your choice; an absent skill is level 0. Expressions such as english>=10 & loans>0 use the names.', newSkill: 'New skill', having: (n: number) => plural(n, '1 agent', '# agents'),
    cannedHelp: 'Shared replies, called up by typing / and the shortcut.', once: 'This is shown now and never again. Keep it in a safe place.', kept: 'I have kept it',
  },
  field: {
    name: ['Name', 'Used in addresses: a to z, 0 to 9, - and _.'], title: ['Title', 'What people read; the name if left empty.'], description: ['Description', 'One or two sentences about what help is given here.'], zone: ['Time zone', 'IANA name, such as Europe/Amsterdam. The hours are in this zone.'],
    away_reasons: ['Reasons for being away', 'One on each line.'], tags: ['Tags', 'One on each line. Agents are asked for them at the end of a chat.'], agent_lost: ['When an agent is lost', 'What happens to a running chat.'], closing: ['At closing time', 'What happens to those who still wait.'],
    agent_grace_s: ['Agent may be disconnected', 'Longer counts as lost.'], visitor_grace_s: ['Waiting visitor may be disconnected', 'The place is kept that long.'], visitor_absence_s: ['Visitor in a chat may be away', 'Then the chat ends.'], invitation_timeout_s: ['To enter after being invited', ''], invitations_max: ['Invitations', 'So often an invitation may lapse.'],
    wrap_up_s: ['Wrap-up', 'Pause that an agent gets after a chat.'], transfer_timeout_s: ['Transfer may stay untaken', ''], idle_close_s: ['Silence until a chat is closed', '0: never.'], waiting_max: ['Waiting at once', 'More are told that the queue is full.'],
    'queue.name': ['Name', 'Within the workgroup: a to z, 0 to 9, - and _.'], 'queue.title': ['Title', 'What the house reads; visitors do not see it.'], dispatch: ['Dispatch', 'How a waiting request finds its agent.'], choice: ['Choice of agent', 'Who comes first of several.'], target_wait_s: ['Target wait', 'The wait that the house aims at.'], offer_timeout_s: ['An offer stands', 'Then the next agent is offered it.'],
    rejection_memory_s: ['A rejection is remembered', 'The agent is not offered the same request again that long.'], ageing_s: ['Ageing', 'What one class of priority is worth in waiting time, so that nobody starves.'], skills: ['Skills asked for', 'An expression such as english>=1 & loans>0; empty: anybody.'], counted: ['Counted', 'Which queue a rolled-over request is counted on.'],
    last_agent_first: ['Last agent first', 'A returning visitor goes to the agent who helped last, if free.'], offer_to_away: ['Offer to those away', 'When nobody else is free.'], urgent_to_dnd: ['Urgent ones reach “do not disturb”', 'Priorities 8 and 9.'],
    enabled: ['Switched on', ''], 'callback.enabled': ['Callbacks may be asked for', ''], confirm_timeout_s: ['Time to confirm', ''], attempts_max: ['Attempts', ''], retry_after_s: ['Until the next attempt', ''], expires_after_s: ['Ends so long after it was due', ''], open_max: ['Open at once', ''],
    accent: ['Colour', 'Of the button and the visitor’s own words.'], 'look.title': ['Heading', 'The workgroup’s title if left empty.'], greeting: ['Greeting', 'What the visitor reads first.'], position: ['Side of the page', ''], origins: ['Sites that may embed it', 'One on each line, such as https://www.example.org; * means all.'], leave_message: ['Leave a message when closed', ''], rating: ['Ask for a rating', ''], privacy_note: ['Privacy note', 'Shown where data is asked for.'],
    'files.enabled': ['Files may be sent', ''], size_max_kb: ['Largest file', ''], types: ['Kinds of files', 'Media types, one on each line; image/* for all of a kind.'], download: ['Save as a file', ''], mail: ['Send by mail', 'Needs mail to be set up on the server.'],
    transcripts_days: ['What was said', 'Words, names and answers.'], addresses_days: ['Addresses', 'Keyed hashes of network addresses.'], files_days: ['Files', ''],
    'form.name': ['Name', 'Key of the answer: a to z, 0 to 9 and _.'], 'form.label': ['Question', 'What the visitor reads.'], 'form.kind': ['Kind', ''], 'form.required': ['Must be answered', ''], 'form.length_max': ['Longest answer', 'In characters.'],
    'agent.name': ['Name', 'Also the name of the account.'], 'agent.title': ['Title', 'What visitors read.'], 'agent.chats_max': ['Chats at once', 'At most, whatever the agent chooses.'],
    'canned.shortcut': ['Shortcut', 'Typed after /.'], 'canned.title': ['Title', ''], 'canned.text': ['Text', ''], 'canned.locale': ['Only for language', 'Such as nl.'],
  } as { [key: string]: [string, string] },
  option: {
    agent_lost: { return: 'Visitor returns to the head of the line', keep: 'Chat is kept for the agent' }, closing: { serve: 'They are still helped', end: 'Their requests end' },
    dispatch: { offer: 'Offer to the best agent', 'ring-all': 'Ring all at once', pull: 'Agents take', 'staffed-room': 'Staffed room' }, 'queue.dispatch': { offer: 'Offer to the best agent, then the next', 'ring-all': 'Ring all at once, first wins', pull: 'Agents take from the line', 'staffed-room': 'An agent waits in a room' },
    choice: { 'longest-idle': 'Longest idle', 'least-busy': 'Least busy', 'round-robin': 'In turn', 'best-skill': 'Best skill' }, counted: { asked: 'The queue that was asked', answered: 'The queue that answered' }, position: { right: 'Right', left: 'Left' },
    'form.kind': { text: 'One line', multiline: 'Several lines', email: 'Mail address', choice: 'Choice', checkbox: 'Yes or no' },
  } as { [key: string]: { [value: string]: string } },
  hours: {
    week: 'Opening hours', always: 'Always open', byWeek: 'By the week', copy: 'Monday for all weekdays', from: 'from', to: 'to', closed: 'closed', addSpan: (day: string) => `Add hours: ${day}`, lastCall: 'Last call before closing', lastCallHelp: 'So long before closing nobody new is let in, while those in line are helped.', holidays: 'Holidays', holidaysHelp: 'On these dates the week does not count. Without hours: closed.', date: 'Date', name: 'Name', noHolidays: 'No holidays.',
    days: { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' },
  },
  rollover: {
    title: 'Rollover', help: 'A request that nobody takes becomes the business of another queue after a time. A solid arrow: the queues before keep ringing; a broken one: they no longer do.', drawing: 'Drawing of the rollover', home: 'where it begins', keeps: 'keeps ringing', leaves: 'stops ringing', unknown: 'no such queue', circle: 'goes in a circle', fault: 'see the findings', again: 'was here before', at: (time: string) => `after ${time} in all`, skips: 'or at once',
    spoken: (queue: string, steps: string) => (steps === '' ? `${queue}: no rollover` : `${queue}: ${steps}`), step: (time: string, to: string) => `after ${time} to ${to}`, add: 'Add a step', after: 'After', to: 'to', keep: 'Keep ringing before', skip: 'Skip if nobody is there', none: 'No rollover: requests wait here.', stepName: (n: number) => `step ${n}`,
  },
  accounts: { title: 'Accounts', help: 'Who may sign in. An agent’s account has the name of the agent.', add: 'New account', role: 'Role', created: 'Created', newPassword: 'New password', enable: 'Enable', disable: 'Disable', enabled: 'enabled', disabled: 'disabled', password: 'The password', passwordMade: 'A password is made and shown once.', removeSure: 'The account can no longer sign in. What it did stays in the audit log.' },
  apiKeys: {
    title: 'API keys', help: 'For other programs. A key can do what its scopes say.', add: 'New key', scopes: 'Scopes', actsAs: 'Acts as agent', used: 'Last used', until: 'Valid until', never: 'no end', none: 'No keys.', token: 'The token',
    scope: { visits: 'opens visits', agent: 'works as one agent', supervisor: 'watches and moves', admin: 'changes the desk', reports: 'reads figures' },
  },
  hooks: { title: 'Webhooks', help: 'Events are sent there as signed POSTs, at least once, with retries.', add: 'Webhook', url: 'Address', events: 'Events', eventsHelp: 'None chosen: all of them.', paused: 'paused', pause: 'Paused: nothing is sent for now', state: { due: 'on its way', delivered: 'delivered', dead: 'given up' }, all: 'all events', deliveries: 'Deliveries', test: 'Send a test', tested: 'A test is on its way.', none: 'No webhooks.', secret: 'The signing secret', event: 'Event', attempts: 'Attempts', next: 'Next attempt' },
  blocks: { title: 'Blocks', help: 'Blocked visitors cannot join. Agents may block for 24 hours from a chat.', add: 'Block', visitor: 'Visitor', chat: 'Visitor of chat', chatNumber: (id: string) => `Chat ${id}`, reason: 'Reason', since: 'Since', until: 'Until', forever: 'for ever', hours: 'Hours', lift: 'Lift', lifted: 'Lifted.', none: 'Nobody is blocked.' },
  audit: { title: 'Audit log', help: 'What people and programs changed. It cannot be edited.', who: 'Who', what: 'What', on: 'On', detail: 'Detail' },
  erase: {
    title: 'Erase', what: 'What', id: 'Id', help: 'Removes words, names, addresses, answers and files of a person or a chat. Figures stay. It cannot be undone.', name: 'Name of the visitor', said: 'Words that were said', find: 'Find', nothing: 'No such chat. Names and words that were erased are not found any more.', found: 'Chats found', person: (who: string) => `Erase everything of ${who}`, personShort: 'Erase person', chat: (who: string) => `Erase this chat with ${who}`, chatShort: 'Erase chat',
    messages: (n: number) => plural(n, '1 message', '# messages'), open: 'still open', sure: 'This goes for good:', chats: (n: number, more: boolean) => (more ? `${n} chats and more` : plural(n, '1 chat', '# chats')) + ', with what was said in it', parts: ['name, address, answers and pages visited', 'messages, notes and ratings’ comments', 'files that were sent'], ends: 'What is still open ends at once.', stays: 'What stays: that there was a chat, when, how long, with whom, and its tags.', go: 'Erase for ever', done: (chats: number, messages: number, files: number) => `Erased: ${chats} chats, ${messages} messages, ${files} files.` },
  status: {
    title: 'Status', server: 'Server', invariants: 'Promises kept', invariantsHelp: 'How often it was looked whether everybody is kept as promised, and how often not. Breaches must read 0.', checks: 'Looked', breaches: 'Breaches', hold: 'all kept', broken: 'broken',
    words: { version: 'Version', uptime_s: 'Running for', started_at: 'Running since', storage: 'Storage', sessions: 'Sessions', backend: 'Kind', bytes: 'Size', free_bytes: 'Free inside', events: 'Events', chats: 'Chats', messages: 'Messages', outbox: 'Waiting to be sent', staff: 'Staff', visits: 'Visitors', streams: 'Streams', desk: 'Desk', workgroups: 'Workgroups', agents: 'Agents', signed_in: 'Signed in', requests: 'Requests', offers: 'Offers', rooms: 'Rooms', backlog: 'Waiting for the desk' } as { [key: string]: string },
  },
};
export type Strings = typeof en;
