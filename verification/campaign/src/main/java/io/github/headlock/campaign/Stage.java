package io.github.headlock.campaign;

import java.sql.SQLException;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;

/**
 * What every round plays on, and faults strike at.
 */
interface Stage {

	/** The server, or the primary of the moment. */
	PostgresServer server();

	/** The database of the round. */
	RoundDatabase database();

	/** The way to it. */
	Access access();

	/** Another database. */
	BystanderDatabase neighbour();

	/** Sees who does what. */
	Observer observer();

	/** Notes what is done. */
	Timeline timeline();

	/**
	 * Kills PgBouncer, and starts it again.
	 * @param millis how long it is away
	 * @return whether there is one
	 */
	default boolean restartPooler(int millis) {
		PgBouncer pooler = access().pgBouncer().orElse(null);
		if (pooler == null) {
			return false;
		}
		pooler.kill();
		Wait.pause(millis);
		pooler.startAgain();
		timeline().note("PgBouncer is back");
		return true;
	}

	/**
	 * Stops the server, and starts it again. The session in the other database is gone
	 * then.
	 * @param mode how it is stopped
	 * @param millis how long it is away
	 */
	default void restartServer(StopMode mode, int millis) throws SQLException {
		neighbour().beforeRestart();
		server().stop(mode);
		Wait.pause(millis);
		server().startAgain();
		timeline().note("PostgreSQL is back");
	}

}
