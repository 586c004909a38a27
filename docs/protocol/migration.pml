/*
 * Lock, fence, heartbeat, record of blocked roles, retries and restore, as a model for SPIN:
 * processes with Headlock and with Flyway alone migrate one schema, while processes die,
 * connections are lost or fall silent, COMMITs get no answer, and a standby that lacks the last
 * transactions takes over. bin/model checks it; README.md beside this file explains it.
 *
 * A label with an underscore is a step of the code: class and method. A statement of the server is
 * one atomic step. Between two steps a process may stand for any time, which is what a stop, a slow
 * network and a busy machine do.
 */

#ifndef HEADLOCKS
#define HEADLOCKS 2	/* processes with Headlock that migrate, and block the application's role */
#endif
#ifndef FLYWAYS
#define FLYWAYS 0	/* processes with Flyway alone */
#endif
#ifndef WATCHES
#define WATCHES 0	/* processes with Headlock that are ready, and watch for roles left blocked */
#endif
#ifndef FAULTS
#define FAULTS 2	/* how many faults strike */
#endif
#ifndef FAILOVERS
#define FAILOVERS 0	/* how many of them may be a failover */
#endif
#ifndef MIGRATIONS
#define MIGRATIONS 2
#endif

#define FIRST_FLYWAY HEADLOCKS
#define FIRST_WATCH (HEADLOCKS + FLYWAYS)
#define LAST (HEADLOCKS + FLYWAYS + WATCHES)	/* the start after all others, which meets no fault */
#define PROCESSES (LAST + 1)
#define NOBODY 15

/* What a transaction that alters the role does. */
#define NOTHING 0
#define BLOCK 1
#define RESTORE_OWN 2
#define RESTORE_ALL 3

/* The server. */
byte lockOwner = NOBODY;	/* whose session has Flyway's advisory lock */
byte fenceOwner = NOBODY;	/* whose session has the fence */
byte roleOwner = NOBODY;	/* whose transaction has altered the role, which no other can do beside it */
byte effects[MIGRATIONS];	/* how often each migration has had its effect */
byte rows = 0;			/* rows of the history: the migrations below are applied */
bool blocked = false;		/* the role of the application cannot log in */
byte record = NOBODY;		/* whose run is recorded to have blocked it */
bool inside[PROCESSES];		/* a session of the process is in a migration */
byte chosen[PROCESSES];		/* which migration that is */
bool committing[PROCESSES];	/* the COMMIT of that has been sent, and not carried out */
bool applied[PROCESSES];	/* it was carried out, and the process is told */
byte change[PROCESSES];		/* the COMMIT of this transaction on the role has been sent */
bool changed[PROCESSES];	/* it was carried out, and the process is told */

#ifdef NO_JOURNAL_ORDER
bool toRecord[PROCESSES];	/* it has blocked the role, and not recorded that yet */
#endif

/* What the standby has. */
byte standbyEffects[MIGRATIONS];
byte standbyRows = 0;
bool standbyBlocked = false;
byte standbyRecord = NOBODY;

/* The processes. */
bool running[PROCESSES];
bool killed[PROCESSES];
bool silent[PROCESSES];		/* no answer comes through the connections that are open */
bool dropped[PROCESSES];	/* the process has lost the migration's connection, the server not yet */
byte ended = 0;

byte faults = FAULTS;
byte failovers = FAILOVERS;
bool overlap = false;		/* a lock has ended before the migration that its process was in */
byte q;

#define IS_PLAIN(p) (p >= FIRST_FLYWAY && p < FIRST_WATCH)
#define IS_WATCH(p) (p >= FIRST_WATCH && p < LAST)

/*
 * One process at a time is in a migration. Flyway alone does not know the fence: beside it, another
 * may still be in one if that has lost its lock.
 */
inline enterMigration(p) {
	inside[p] = true;
	printf("> process %d begins migration %d\n", p, chosen[p] + 1);
	for (q : 0 .. PROCESSES - 1) {
		if
		:: q != p && inside[q] && !(overlap && (IS_PLAIN(p) || IS_PLAIN(q))) ->
			printf("> WRONG: processes %d and %d are in a migration\n", q, p); assert(false)
		:: else
		fi
	}
	q = 0;
#ifndef NO_FENCE
	assert(IS_PLAIN(p) || blocked)
#endif
}

/* Nobody lets the application in beside a migration; without a fence, nobody could tell. */
inline unblock() {
	record = NOBODY; blocked = false;
#ifndef NO_FENCE
	for (q : 0 .. PROCESSES - 1) {
		if
		:: inside[q] && !IS_PLAIN(q) ->
			printf("> WRONG: the application may log in beside the migration of process %d\n", q); assert(false)
		:: else
		fi
	}
	q = 0
#endif
}

inline leave(p) {
	inside[p] = false; committing[p] = false; dropped[p] = false;
	if
	:: fenceOwner == p -> fenceOwner = NOBODY
	:: else
	fi
}

inline endLockSession(p) {
	lockOwner = NOBODY;
	overlap = overlap || inside[p] || IS_PLAIN(p);
	/* a process that watches has both in one session */
	if
	:: fenceOwner == p && IS_WATCH(p) -> fenceOwner = NOBODY
	:: else
	fi
}

inline endRoleSession(p) {
	change[p] = NOTHING; roleOwner = NOBODY
}

/*
 * Effect and row, or neither: the key of the history refuses a row that is there. Of processes with
 * Headlock it never has to: none commits a migration that another has applied since it was chosen.
 */
inline commitMigration(p) {
	if
	:: rows == chosen[p] ->
		effects[chosen[p]]++; rows++;
		assert(effects[chosen[p]] == 1);
		applied[p] = !silent[p] && !dropped[p];
		printf("> the server commits migration %d of process %d\n", chosen[p] + 1, p)
	:: rows != chosen[p] && (IS_PLAIN(p) || FLYWAYS > 0 && overlap)
	:: rows != chosen[p] && !(IS_PLAIN(p) || FLYWAYS > 0 && overlap) ->
		printf("> WRONG: process %d would apply migration %d a second time\n", p, chosen[p] + 1); assert(false)
	fi;
	leave(p)
}

inline commitChange(p) {
	if
	/* a role that cannot log in is left as it is, unless another run is recorded to have blocked it */
#ifdef NO_TAKE_OVER
	:: change[p] == BLOCK && !blocked ->
#else
	:: change[p] == BLOCK && (!blocked || record != NOBODY) ->
#endif
		blocked = true;
#ifdef NO_JOURNAL_ORDER
		toRecord[p] = true;
#else
		record = p;
#endif
		printf("> the server commits that process %d blocks the role\n", p)
	:: change[p] == RESTORE_ALL || (change[p] == RESTORE_OWN && record == p) ->
		printf("> the server commits that process %d restores the login of the role\n", p);
		unblock()
	:: else
	fi;
	changed[p] = true;
	endRoleSession(p)
}

/* What happens to a process and its sessions. */
proctype Network(byte p) {
	end: do
	:: atomic { committing[p] -> commitMigration(p) }
	:: atomic { change[p] != NOTHING -> commitChange(p) }
	/* the server notices in the end that nobody is there any more */
	:: atomic { lockOwner == p && (killed[p] || silent[p]) -> endLockSession(p);
		printf("> the server ends the session that holds the lock of process %d\n", p) }
	:: atomic { (inside[p] || fenceOwner == p && !IS_WATCH(p)) && (killed[p] || silent[p] || dropped[p]) -> leave(p);
		printf("> the server ends the session of the migration of process %d\n", p) }
	:: atomic { change[p] != NOTHING && killed[p] -> endRoleSession(p) }
	/* faults */
	:: atomic { faults > 0 && p != LAST && lockOwner == p -> faults--; endLockSession(p);
		printf("> process %d loses the connection that holds the lock\n", p) }
	:: atomic { faults > 0 && p != LAST && (inside[p] || fenceOwner == p && !IS_WATCH(p)) -> faults--; leave(p);
		printf("> process %d loses the session of its migration\n", p) }
	:: atomic { faults > 0 && p != LAST && inside[p] && !dropped[p] -> faults--; dropped[p] = true;
		printf("> process %d loses the connection of its migration, and the server does not notice yet\n", p) }
	:: atomic { faults > 0 && p != LAST && inside[p] && !dropped[p] && !silent[p] -> faults--; silent[p] = true;
		printf("> process %d gets no answer any more\n", p) }
	:: atomic { faults > 0 && p != LAST && change[p] != NOTHING -> faults--; endRoleSession(p);
		printf("> process %d loses the connection of its transaction on the role\n", p) }
	:: atomic { faults > 0 && p != LAST && running[p] -> faults--; running[p] = false; killed[p] = true;
		if
		:: p < FIRST_WATCH -> ended++
		:: else
		fi;
		printf("> process %d is killed\n", p) }
	od
}

/* Replicates now or later, and takes over. */
proctype Failover() {
	byte p;
	end: do
	:: atomic { failovers > 0 && (standbyRows != rows || standbyRecord != record || standbyBlocked != blocked) ->
		for (p : 0 .. MIGRATIONS - 1) {
			standbyEffects[p] = effects[p]
		}
		p = 0;
		standbyRows = rows; standbyBlocked = blocked; standbyRecord = record }
	:: atomic { failovers > 0 && faults > 0 -> failovers--; faults--;
		printf("> the standby takes over\n");
		for (p : 0 .. MIGRATIONS - 1) {
			effects[p] = standbyEffects[p]; standbyEffects[p] = 0
		}
		rows = standbyRows; blocked = standbyBlocked; record = standbyRecord;
		standbyRows = 0; standbyBlocked = false; standbyRecord = NOBODY;
		overlap = overlap || (lockOwner != NOBODY && IS_PLAIN(lockOwner));
		lockOwner = NOBODY; fenceOwner = NOBODY; roleOwner = NOBODY;
		for (p : 0 .. PROCESSES - 1) {
			inside[p] = false; committing[p] = false; dropped[p] = false; change[p] = NOTHING
		}
		p = 0 }
	od
}

/* A transaction on the role, sent at once; its answer comes, or never will. */
inline send(what) {
	roleOwner = me; change[me] = what; changed[me] = false
}

#define UNANSWERED (change[me] == NOTHING && !changed[me])
#define NO_ANSWER_COMES (faults > 0 && me != LAST && change[me] != NOTHING)

proctype Headlock(byte me) {
	bool begun = false;
LockAcquisition_tryOnce: {
	if
	:: atomic { rows == MIGRATIONS && record == NOBODY -> goto over }
	:: atomic { lockOwner == NOBODY && fenceOwner == NOBODY && !(rows == MIGRATIONS && record == NOBODY) }
	fi;
MigrationLock_tryTake:	/* nobody has the fence, as was seen before */
	atomic {
		if
		:: lockOwner == NOBODY -> lockOwner = me; printf("> process %d takes the lock\n", me)
		:: else -> goto LockAcquisition_tryOnce
		fi
	};
RoleLockouts_restoreOrphaned:
	if
	:: atomic { record == NOBODY -> goto MigrationLoop_attempt }
#ifdef NO_SECOND_LOOK
	:: atomic { record != NOBODY }
#else
	:: atomic { record != NOBODY && fenceOwner == NOBODY }
	:: atomic { record != NOBODY && fenceOwner != NOBODY ->
		if
		:: lockOwner == me -> endLockSession(me)
		:: else
		fi;
		goto LockAcquisition_tryOnce }
#endif
	fi;
	atomic { roleOwner == NOBODY ->
		if
		:: lockOwner == me -> send(RESTORE_ALL)
		:: else -> goto over
		fi
	};
	if
	:: atomic { changed[me] }
	:: atomic { UNANSWERED -> goto RoleLockouts_restoreOrphaned }
	:: atomic { NO_ANSWER_COMES -> faults--; printf("> process %d gets no answer to COMMIT\n", me) };
RoleCommit_end:
		atomic {
			if
			:: change[me] != NOTHING -> endRoleSession(me)
			:: else
			fi
		};
		goto RoleLockouts_restoreOrphaned
	fi;
MigrationLoop_attempt:
	if
	:: atomic { rows == MIGRATIONS -> goto RoleLockout_close }
	:: atomic { rows < MIGRATIONS && begun -> goto Fence_onLockRequested }
	:: atomic { rows < MIGRATIONS && !begun }
	fi;
RoleLockout_begin:
	atomic { roleOwner == NOBODY ->
		begun = true;
		if
		:: lockOwner == me -> send(BLOCK)
		:: else -> goto RoleLockout_close
		fi
	};
	if
	:: atomic { changed[me] }
	:: atomic { UNANSWERED -> goto RoleLockout_close }
	:: atomic { NO_ANSWER_COMES -> faults--; printf("> process %d gets no answer to COMMIT\n", me);
		goto RoleCommit_end_own }
	fi;
#ifdef NO_JOURNAL_ORDER
	atomic {
		if
		:: toRecord[me] -> toRecord[me] = false; record = me
		:: else
		fi
	};
#endif
Fence_onLockRequested:
	atomic {
		if
		:: lockOwner != me || rows == MIGRATIONS -> goto RoleLockout_close
		:: else -> chosen[me] = rows; applied[me] = false
		fi
	};
Fence_enter:
#ifndef NO_FENCE
	atomic {
		if
		:: fenceOwner == NOBODY -> fenceOwner = me
		:: else -> goto ConcurrentMigrationHandler_giveWay
		fi
	};
#endif
	atomic {
		if
#ifndef NO_FENCE
		:: fenceOwner != me -> goto RoleLockout_close
#endif
		:: lockOwner != me -> leave(me); goto RoleLockout_close
		:: lockOwner == me && rows != chosen[me] -> leave(me); goto ConcurrentMigrationHandler_giveWay
		:: else -> enterMigration(me)
		fi
	};
#ifdef RESTORE_EARLY
	atomic {
		if
		:: record == me -> printf("> process %d restores the login of the role before its migration has ended\n", me); unblock()
		:: else
		fi
	};
#endif
	if
	:: atomic { inside[me] && !dropped[me] && !silent[me] -> committing[me] = true }
	:: atomic { inside[me] && !dropped[me] && !silent[me] -> leave(me); printf("> process %d rolls its migration back\n", me) };
LockTimeoutRetry_backOff:
		goto MigrationLoop_attempt
	:: atomic { !inside[me] || dropped[me] -> goto RoleLockout_close }
	:: atomic { silent[me] }
	fi;
	if
	:: atomic { applied[me] -> goto Fence_onLockRequested }
	:: atomic { !applied[me] && (!inside[me] || dropped[me]) && !silent[me] -> goto RoleLockout_close }
	:: atomic { silent[me] && !applied[me] && lockOwner != me };
Heartbeat_beat:	/* finds that the lock is lost */
LockLossWatchdog_run:
		atomic { !inside[me] -> silent[me] = false; printf("> process %d gives its migration up\n", me) };
		goto RoleLockout_close
	fi;
ConcurrentMigrationHandler_giveWay:
	if
	:: atomic { lockOwner != me -> goto RoleLockout_close }
	:: atomic { lockOwner == me && fenceOwner == NOBODY -> goto MigrationLoop_attempt }
	:: atomic { lockOwner == me && fenceOwner != NOBODY && me != LAST -> goto RoleLockout_close }
	fi;
RoleLockout_close:
	if
	:: atomic { !begun -> goto HeldLock_close }
	:: atomic { begun }
	fi;
FenceGuard_check:	/* in the transaction: the server may still be at work on a migration */
#ifdef NO_FENCE_GUARD
	atomic { roleOwner == NOBODY -> send(RESTORE_OWN) };
#else
	if
	:: atomic { roleOwner == NOBODY && fenceOwner == NOBODY -> send(RESTORE_OWN) }
	:: atomic { fenceOwner != NOBODY && me != LAST -> goto HeldLock_close }	/* in vain for too long */
	fi;
#endif
	if
	:: atomic { changed[me] -> goto HeldLock_close }
	:: atomic { UNANSWERED -> goto RoleLockout_close }
	:: atomic { NO_ANSWER_COMES -> faults--; printf("> process %d gets no answer to COMMIT\n", me) }
	fi;
RoleCommit_end_own:
	atomic {
		if
		:: change[me] != NOTHING -> endRoleSession(me)
		:: else
		fi;
		goto RoleLockout_close
	};
HeldLock_close:
	atomic {
		if
		:: me == LAST && begun && record != NOBODY -> printf("> WRONG: a start has blocked the role, and leaves it blocked\n"); assert(false)
		:: else
		fi;
		if
		:: lockOwner == me -> endLockSession(me)
		:: else
		fi
	};
over:	atomic { running[me] = false; printf("> process %d ends\n", me);
		if
		:: me != LAST -> ended++
		:: else
		fi }
	} unless { killed[me] }
}

/* Takes the lock for each migration, and knows nothing of fence and roles. */
proctype Flyway(byte me) {
	do
	:: atomic { lockOwner == NOBODY -> lockOwner = me; printf("> process %d, without Headlock, takes the lock\n", me) };
		atomic {
			if
			:: rows == MIGRATIONS -> break
			:: else -> chosen[me] = rows; applied[me] = false
			fi
		};
		atomic { enterMigration(me) };
		atomic {
			if
			:: inside[me] && !dropped[me] -> committing[me] = true
			:: else -> break
			fi
		};
		if
		:: atomic { applied[me] ->
			if
			:: lockOwner == me -> lockOwner = NOBODY
			:: else
			fi }
		:: atomic { !applied[me] && (!inside[me] || dropped[me]) -> break }
		fi
	od unless { killed[me] };
	atomic {
		if
		:: !killed[me] ->
			if
			:: lockOwner == me -> lockOwner = NOBODY; overlap = overlap || inside[me]
			:: else
			fi;
			running[me] = false; ended++
		:: else
		fi
	}
}

/* A process that is ready, and looks from time to time. */
proctype Watch(byte me) {
end_RoleRestoreWatch_look: {
	atomic { record != NOBODY && lockOwner == NOBODY && fenceOwner == NOBODY };
	atomic {
		if
		:: lockOwner == NOBODY -> lockOwner = me; printf("> process %d takes the lock, and watches\n", me)
		:: else -> goto end_RoleRestoreWatch_look
		fi
	};
HeldLock_tryFence:
	atomic {
		if
		:: lockOwner == me && fenceOwner == NOBODY && record != NOBODY -> fenceOwner = me
		:: lockOwner == me && !(fenceOwner == NOBODY && record != NOBODY) ->
			endLockSession(me); goto end_RoleRestoreWatch_look
		:: lockOwner != me -> goto end_RoleRestoreWatch_look
		fi
	};
	atomic { roleOwner == NOBODY ->
		if
		:: lockOwner == me -> send(RESTORE_ALL)
		:: else -> goto free
		fi
	};
	atomic { change[me] == NOTHING };
free:	atomic {
		if
		:: lockOwner == me -> endLockSession(me)
		:: else
		fi;
		leave(me);
		goto end_RoleRestoreWatch_look
	}
	} unless { killed[me] }
}

init {
	byte p;
	atomic {
		for (p : 0 .. LAST) {
			run Network(p);
			if
			:: p < HEADLOCKS -> running[p] = true; run Headlock(p)
			:: p >= FIRST_FLYWAY && p < FIRST_WATCH -> running[p] = true; run Flyway(p)
			:: p >= FIRST_WATCH && p < LAST -> running[p] = true; run Watch(p)
			:: else
			fi
		}
#if FAILOVERS > 0
		run Failover();
#endif
		p = 0
	};
	atomic { ended == FIRST_WATCH -> failovers = 0; running[LAST] = true; run Headlock(LAST) };
	/*
	 * What others have sent may come into effect beside that start, or when it has ended. If it was refused
	 * then, or was too early to restore the role, there is another one.
	 */
	atomic { !running[LAST] && lockOwner == NOBODY && roleOwner == NOBODY ->
		if
		:: record != NOBODY || rows != MIGRATIONS -> running[LAST] = true; run Headlock(LAST)
		:: else
		fi
	};
	atomic { !running[LAST] && lockOwner == NOBODY && fenceOwner == NOBODY && roleOwner == NOBODY ->
		if
		:: blocked -> printf("> WRONG: the role stays blocked\n")
		:: else
		fi;
		assert(rows == MIGRATIONS && !blocked && record == NOBODY);
		for (p : 0 .. MIGRATIONS - 1) {
			assert(effects[p] == 1)
		}
		p = 0 }
}
