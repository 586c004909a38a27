package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Locale;

/**
 * A stretch of a replica's start, or what comes after it.
 *
 * @param kind what the replica did
 * @param from when it began, since the rollout began
 * @param to when it ended, since the rollout began
 */
record Phase(Kind kind, Duration from, Duration to) {

	/**
	 * What a replica does while it starts, and then.
	 */
	enum Kind {

		/** JVM and Spring, until the schema is looked at. */
		STARTING('.', "JVM and Spring start", false),

		/**
		 * The replica cannot go on: another process has the lock, or has yet to migrate.
		 */
		WAITING('~', "waits for connection, lock or schema", true),

		/** This process has the lock and runs Flyway. */
		MIGRATING('#', "migrates", true),

		/** The schema is at head at the first look. */
		FAST_PATH('>', "fast path: looks, finds the schema ready", true),

		/** The web server is there, and the startup probe says 503. */
		OUT_OF_SERVICE('o', "started, but OUT_OF_SERVICE", true),

		/** The rest of the start, with a schema that is ready. */
		FINISHING('-', "rest of the start", false),

		/** The start is over, and users are served. */
		SERVING('=', "serves requests", false);

		private final char symbol;

		private final String text;

		private final boolean ofInterest;

		Kind(char symbol, String text, boolean ofInterest) {
			this.symbol = symbol;
			this.text = text;
			this.ofInterest = ofInterest;
		}

		/** Whether the database has to do with it. */
		boolean isOfInterest() {
			return this.ofInterest;
		}

		char symbol() {
			return this.symbol;
		}

		String text() {
			return this.text;
		}

		/** Name of its class in the style sheet of the picture. */
		String style() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

}
