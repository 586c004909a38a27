/*
 * Lock, fence, record of blocked roles, and restore, as a model for SPIN: processes with Headlock
 * and with plain Flyway that migrate one schema, while processes die, connections are lost,
 * COMMITs get no answer, and a standby that lacks the last commit takes over.
 *
 *   spin -run -E -DFAULTS=2 -DFAILOVERS=1 migration.pml
 *
 * must find no error, and must find one with each of
 *
 *   -DNO_FENCE           a migration takes no lock of its own
 *   -DNO_SECOND_LOOK     a block is restored without a look at the fence under the lock
 *   -DRESTORE_EARLY      a process restores its block before its migration has ended
 *
 * A transaction of the server is one atomic step: it commits as a whole or not at all. A process
 * may be slower than any other for any time, which stands for a stop and a resume; time itself,
 * the heartbeat and migrations without a transaction are not in the model. Names in brackets are
 * those of the code.
 */

#ifndef HEADLOCKS
#define HEADLOCKS 2	/* processes with Headlock, which block the application's role */
#endif
#ifndef FLYWAYS
#define FLYWAYS 0	/* processes with plain Flyway */
#endif
#ifndef FAULTS
#define FAULTS 2	/* how many faults strike */
#endif
#ifndef FAILOVERS
#define FAILOVERS 0	/* how many of them may be a failover */
#endif
#define MIGRATIONS 2
#define PROCESSES (HEADLOCKS + FLYWAYS + 1)
#define LAST (HEADLOCKS + FLYWAYS)	/* the start after all others, which meets no fault */
#define NOBODY 15

mtype = { nothing, blockRoles, migrate, restoreRoles };

/* The server. */
byte lockOwner = NOBODY;	/* whose session has Flyway's advisory lock */
byte fenceOwner = NOBODY;	/* whose transaction has the fence */
byte effects[MIGRATIONS];	/* how often each migration has had its effect */
byte rows = 0;			/* rows of the history: the migrations below are applied */
bool blocked = false;		/* the application's role cannot log in */
byte record = NOBODY;		/* whose run is recorded to have blocked it */
bool inside[PROCESSES];		/* a session that is in a migration */
byte chosen[PROCESSES];		/* which migration that is */
mtype sent[PROCESSES] = nothing;	/* a COMMIT without an answer, which may come into effect */

/* What a standby has that lacks the last commit. */
byte oldEffects[MIGRATIONS];
byte oldRows = 0;
bool oldBlocked = false;
byte oldRecord = NOBODY;

/* The processes. */
bool alive[PROCESSES] = true;
byte faults = FAULTS;
byte failovers = FAILOVERS;
byte ended = 0;

inline remember() {
	oldEffects[0] = effects[0]; oldEffects[1] = effects[1];
	oldRows = rows; oldBlocked = blocked; oldRecord = record
}

inline leave(p) {
	inside[p] = false;
	if
	:: fenceOwner == p -> fenceOwner = NOBODY
	:: else
	fi
}

/* Effect and row; the key of the history refuses a row that is there. */
inline commitMigration(p) {
	if
	:: rows == chosen[p] -> remember(); effects[rows]++; rows++
	:: else
	fi;
	leave(p)
}

inline commitBlock(p) {
	remember();
	record = p; blocked = true
}

inline commitRestore(p) {
	if
	:: record == p -> remember(); record = NOBODY; blocked = false
	:: else
	fi
}

inline endMigrationSession(p) {
	sent[p] = nothing;
	leave(p)
}

/* One session ends at a time, in any order: also those of a process that has died. */
inline endLockSession(p) {
	if
	:: lockOwner == p -> lockOwner = NOBODY
	:: else
	fi
}

/* The server, and all that strikes. */
active proctype Environment() {
	byte p;
	do
	:: ended == HEADLOCKS + FLYWAYS -> break
	:: else ->
		p = 0;
		do
		:: p < LAST - 1 -> p++
		:: break
		od;
		if
		/* a COMMIT without an answer comes into effect */
		:: atomic { sent[p] == migrate && inside[p] -> sent[p] = nothing; commitMigration(p) }
		:: atomic { sent[p] == blockRoles -> sent[p] = nothing; commitBlock(p) }
		:: atomic { sent[p] == restoreRoles -> sent[p] = nothing; commitRestore(p) }
		/* the sessions of a process that has died end */
		:: atomic { !alive[p] && lockOwner == p -> endLockSession(p) }
		:: atomic { !alive[p] && (inside[p] || sent[p] != nothing) -> endMigrationSession(p) }
		/* a connection is lost */
		:: atomic { faults > 0 && lockOwner == p -> faults--; endLockSession(p) }
		:: atomic { faults > 0 && inside[p] -> faults--; endMigrationSession(p) }
		/* a process dies, and what it has sent stays */
		:: atomic { faults > 0 && alive[p] -> faults--; alive[p] = false; ended++;
			if
			:: inside[p] -> sent[p] = migrate
			:: true
			fi }
		/* the standby takes over */
		:: atomic { faults > 0 && failovers > 0 -> faults--; failovers--;
			effects[0] = oldEffects[0]; effects[1] = oldEffects[1];
			rows = oldRows; blocked = oldBlocked; record = oldRecord;
			lockOwner = NOBODY; fenceOwner = NOBODY;
			p = 0;
			do
			:: p < PROCESSES -> inside[p] = false; sent[p] = nothing; p++
			:: else -> break
			od;
			p = 0 }
		:: true
		fi
	od
}

/* Two transactions cannot change one role, or its row of the record, at a time. */
#define CHANGES(p) (sent[p] == blockRoles || sent[p] == restoreRoles)
#if HEADLOCKS > 1
#define ROLE_IS_FREE(p) ((p == 0 || !CHANGES(0)) && (p == 1 || !CHANGES(1)))
#else
#define ROLE_IS_FREE(p) (p == 0 || !CHANGES(0))
#endif

proctype Headlock(byte me) provided (alive[me]) {
	bool blocking = false;
look:	/* [LockAcquisition.tryOnce] */
	if
	:: atomic { rows == MIGRATIONS && record == NOBODY -> goto done }
	:: atomic { lockOwner != NOBODY || fenceOwner != NOBODY -> skip };
		atomic { (lockOwner == NOBODY && fenceOwner == NOBODY) || (rows == MIGRATIONS && record == NOBODY) ->
			goto look }
	:: atomic { lockOwner == NOBODY && fenceOwner == NOBODY -> skip }
	fi;
	/* [MigrationLock.tryTake] has seen no fence, and tries now */
	atomic {
		if
		:: lockOwner == NOBODY -> lockOwner = me
		:: else -> goto look
		fi
	};
#ifndef NO_SECOND_LOOK
	if
	:: atomic { fenceOwner != NOBODY -> endLockSession(me); goto look }
	:: atomic { fenceOwner == NOBODY }
	fi;
#endif
restoreOrphaned:	/* [RoleLockouts.restoreOrphaned] */
	atomic { ROLE_IS_FREE(me) ->
		if
		:: record == NOBODY
		:: record != NOBODY && lockOwner == me -> remember(); record = NOBODY; blocked = false
		:: record != NOBODY && lockOwner != me -> goto done
		fi
	};
	if
	:: rows == MIGRATIONS -> goto release
	:: else
	fi;
	/* [RoleLockout.begin] */
	blocking = true;
	atomic { ROLE_IS_FREE(me) ->
		if
		:: lockOwner == me -> commitBlock(me)
		:: lockOwner == me && faults > 0 && me != LAST -> faults--; sent[me] = blockRoles; goto restore
		:: else -> goto restore
		fi
	};
	do
	:: atomic { rows == MIGRATIONS -> break }
	:: atomic { rows < MIGRATIONS -> chosen[me] = rows };
		/* [Fence.enter], in the migration's transaction */
		atomic {
#ifndef NO_FENCE
			if
			:: fenceOwner != NOBODY -> goto restore
			:: else -> fenceOwner = me
			fi;
#endif
			if
			:: lockOwner == me && rows == chosen[me] -> inside[me] = true
			:: else -> leave(me); goto restore
			fi
		};
#ifdef RESTORE_EARLY
		if
		:: commitRestore(me)
		:: true
		fi;
#endif
		atomic {
			if
			:: inside[me] -> commitMigration(me)
			:: inside[me] && faults > 0 && me != LAST -> faults--; sent[me] = migrate; goto giveUp
			:: !inside[me] -> goto restore	/* the connection was lost */
			fi
		}
	od;
	goto restore;
giveUp:	/* the migration's session is made sure to be gone */
	atomic { endMigrationSession(me) };
restore:	/* [RoleLockout.close]; a COMMIT without an answer is ended first [RoleCommit.end] */
	atomic { ROLE_IS_FREE(me) ->
		sent[me] = nothing;
		if
		:: blocking -> commitRestore(me)
		:: else
		fi
	};
release:
	atomic { endLockSession(me) };
done:
	atomic { alive[me] = false; ended++ }
}

proctype Flyway(byte me) provided (alive[me]) {
	atomic { lockOwner == NOBODY -> lockOwner = me };
	do
	:: atomic { rows == MIGRATIONS -> break }
	:: atomic { rows < MIGRATIONS -> chosen[me] = rows; inside[me] = true };
		atomic {
			if
			:: inside[me] -> commitMigration(me)
			:: !inside[me] -> goto done
			fi
		}
	od;
done:
	atomic { endLockSession(me); alive[me] = false; ended++ }
}

/* What must hold in every state. */
active proctype Watcher() {
	end: do
	:: atomic { effects[0] > 1 || effects[1] > 1 -> assert(false) }
#if HEADLOCKS > 1
	:: atomic { inside[0] && inside[1] -> assert(false) }
#endif
	:: atomic { inside[0] && !blocked -> assert(false) }
#if HEADLOCKS > 1
	:: atomic { inside[1] && !blocked -> assert(false) }
#endif
	:: atomic { effects[0] != (rows > 0) || effects[1] != (rows > 1) -> assert(false) }
	od
}

init {
	byte p = 0;
	atomic {
		do
		:: p < HEADLOCKS -> run Headlock(p); p++
		:: p >= HEADLOCKS && p < LAST -> run Flyway(p); p++
		:: p == LAST -> break
		od
	};
	ended == LAST;
	/* the sessions of those that died end before the next start gets the lock */
	atomic {
		p = 0;
		do
		:: p < LAST -> endLockSession(p); endMigrationSession(p); p++
		:: else -> break
		od
	};
	run Headlock(LAST);
	!alive[LAST];
	assert(rows == MIGRATIONS && effects[0] == 1 && effects[1] == 1);
	assert(!blocked && record == NOBODY && lockOwner == NOBODY && fenceOwner == NOBODY)
}
