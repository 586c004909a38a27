package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.campaign.Observer.Session;
import io.github.headlock.testbed.PostgresServer.StopMode;
import org.jspecify.annotations.Nullable;

/**
 * Does to a replica, or to what all replicas need, what a fault says.
 */
final class FaultInjector {

	private static final Duration SUCCESSION = Duration.ofSeconds(6);

	/** For some attempts to take the lock of a holder that is in a migration. */
	private static final Duration ATTEMPTS = Duration.ofMillis(800);

	private static final Duration SUCCESS = Duration.ofMillis(2500);

	private final RoundEnvironment stage;

	private final Rollout rollout;

	private final Blocking blocking;

	private final StepBarriers holds;

	/**
	 * Creates the injector of a round.
	 * @param stage the environment in which faults happen
	 * @param rollout the replicas
	 * @param blocking how sessions are kept out
	 * @param holds what holds the replica at its step
	 */
	FaultInjector(RoundEnvironment stage, Rollout rollout, Blocking blocking, StepBarriers holds) {
		this.stage = stage;
		this.rollout = rollout;
		this.blocking = blocking;
		this.holds = holds;
	}

	/**
	 * Injects a fault into a replica.
	 * @param fault the fault
	 * @param replica the replica
	 * @param session the session it was recognised by, if it was by one
	 * @return whether there was anything to strike
	 */
	boolean of(Fault fault, Replica replica, @Nullable Session session) throws SQLException {
		ReplicaProcess process = replica.process();
		if (process == null || !process.isAlive()) {
			return false;
		}
		this.stage.timeline().note("FAULT %s: %s", fault, replica.name());
		return switch (fault.kind()) {
			case KILL -> kill(fault, process);
			case STOP -> stop(fault, process);
			case TERMINATE -> {
				process.terminate();
				yield true;
			}
			case LOCK_SESSION -> terminateLockSession(replica);
			case MIGRATION_SESSION -> terminateMigrationSession(replica, session);
			case USURPED -> usurp(fault, replica, process, session);
			case POOLER -> this.stage.restartPooler(fault.length());
			case SERVER_FAST -> restartServer(fault, StopMode.FAST);
			case SERVER_IMMEDIATE -> restartServer(fault, StopMode.IMMEDIATE);
			case REFUSED -> refuse(fault);
			case FAILOVER -> failOver(fault);
			case HELD_BACK -> {
				this.stage.failover().orElseThrow().holdBack();
				yield true;
			}
		};
	}

	/** In half of the cases what the dead one has begun stays for a while. */
	private boolean kill(Fault fault, ReplicaProcess process) {
		process.kill();
		if (fault.length() % 2 == 0) {
			Wait.pause(fault.length());
		}
		return true;
	}

	/** What held it goes on without it, as far as its server process does. */
	private boolean stop(Fault fault, ReplicaProcess process) throws SQLException {
		if (!process.stop()) {
			return false;
		}
		this.holds.open(fault);
		Wait.pause(fault.length());
		goOn(process);
		return true;
	}

	private void goOn(ReplicaProcess process) {
		process.goOn();
		this.stage.timeline().note("%s goes on", process.name());
	}

	private boolean terminateLockSession(Replica replica) {
		Optional<Session> holder = holder(replica);
		holder.ifPresent(this.stage.observer()::terminate);
		return holder.isPresent();
	}

	private Optional<Session> holder(Replica replica) {
		return this.stage.observer().lockHolder().filter((session) -> session.replica().equals(replica.name()));
	}

	private boolean terminateMigrationSession(Replica replica, @Nullable Session session) {
		Optional<Session> migrating = Optional.ofNullable(session)
			.or(() -> holder(replica)
				.flatMap((holder) -> this.stage.observer().otherSession(holder, this.stage.database().migrator())));
		migrating.ifPresent(this.stage.observer()::terminate);
		return migrating.isPresent();
	}

	/**
	 * Two processes believe that they hold the lock. In half of the cases the one that
	 * was stopped acts last: it has lost the session in which it blocks roles or lets
	 * them in as well, for which its successor would wait. In a migration that does not
	 * just queue, the fence keeps the lock for it.
	 */
	private boolean usurp(Fault fault, Replica replica, ReplicaProcess process, @Nullable Session session)
			throws SQLException {
		Optional<Session> holder = holder(replica);
		if (holder.isEmpty() || !process.stop()) {
			return false;
		}
		boolean fenced = fault.step().isOfMigration() && fault.step() != Step.QUEUEING && replica.hasHeadlock();
		boolean actsLast = fault.length() % 2 == 0 && !fenced;
		this.stage.observer().terminate(holder.get());
		if (actsLast && session != null && !fault.step().isOfMigration()) {
			this.stage.observer().terminate(session);
		}
		boolean succeeded = Wait.until(fenced ? ATTEMPTS : SUCCESSION, () -> hasOtherHolder(replica));
		this.stage.timeline().note(succeeded ? "another replica has the lock" : "nobody takes the lock");
		this.holds.open(fault);
		if (actsLast) {
			Wait.until(SUCCESS, () -> this.rollout.find((other) -> other != replica && other.isReady()).isPresent());
		}
		else {
			Wait.pause(fault.length() / 4);
		}
		goOn(process);
		return succeeded || fenced;
	}

	private boolean hasOtherHolder(Replica replica) {
		return this.stage.observer()
			.lockHolder()
			.filter((session) -> !session.replica().equals(replica.name()))
			.isPresent();
	}

	private boolean restartServer(Fault fault, StopMode mode) throws SQLException {
		this.stage.restartServer(mode, fault.length());
		afterRestart(fault);
		return true;
	}

	private boolean failOver(Fault fault) throws SQLException {
		this.stage.neighbour().beforeRestart();
		this.stage.failover().orElseThrow().strike(fault.step(), fault.length());
		afterRestart(fault);
		return true;
	}

	/** All sessions have ended. */
	private void afterRestart(Fault fault) throws SQLException {
		this.holds.holdAgain(fault);
		this.stage.neighbour().openSessionAgain();
	}

	/**
	 * Of everybody, or of the role that migrates; sessions that are there go on. Where
	 * CONNECT is revoked meanwhile, the database itself is not altered here, which would
	 * have to wait for that.
	 */
	private boolean refuse(Fault fault) {
		RoundDatabase database = this.stage.database();
		boolean all = fault.length() % 2 == 0 && this.blocking != Blocking.REVOKE;
		String alter = all ? String.format(Locale.ROOT, "ALTER DATABASE %s ALLOW_CONNECTIONS ", database.name())
				: String.format(Locale.ROOT, "ALTER ROLE %s CONNECTION LIMIT ", database.migrator());
		this.stage.observer().execute(alter + (all ? "false" : "0"));
		Wait.pause(fault.length());
		this.stage.observer().execute(alter + (all ? "true" : "-1"));
		this.stage.timeline().note("connections are accepted again");
		return true;
	}

}
