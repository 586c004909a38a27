package io.github.headlock.testbed;

/**
 * A PostgreSQL server that runs, whatever it runs in.
 */
interface RunningServer extends AutoCloseable {

	/** Name or address to connect to. */
	String host();

	int port();

	/** In a mode of {@code pg_ctl stop}. */
	void stop(String mode);

	void startAgain();

	/** Sends a signal to all processes of the server. */
	void signal(String signal);

	@Override
	void close();

}
