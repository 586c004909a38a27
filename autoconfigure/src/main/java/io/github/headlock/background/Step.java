package io.github.headlock.background;

import java.time.Duration;

/**
 * What a process has just done for a background migration.
 *
 * @param kind what it was
 * @param pause what it is to wait before it goes on with it
 */
record Step(Kind kind, Duration pause) {

	static final Step PREPARED = new Step(Kind.WORKED, Duration.ZERO);

	static Step worked(Duration pause) {
		return new Step(Kind.WORKED, pause);
	}

	static Step passEnded() {
		return new Step(Kind.PASS_ENDED, Duration.ZERO);
	}

	static Step rowsLocked() {
		return new Step(Kind.ROWS_LOCKED, Duration.ZERO);
	}

	static Step waiting(Duration pause) {
		return new Step(Kind.WAITING, pause);
	}

	static Step ended() {
		return new Step(Kind.ENDED, Duration.ZERO);
	}

	/** Kinds of steps. */
	enum Kind {

		/** Something was done, and there may be more. */
		WORKED,

		/** A pass has ended that has changed rows, and another one begins. */
		PASS_ENDED,

		/** A pass has ended, and rows that need it are locked by others. */
		ROWS_LOCKED,

		/** There is nothing to do yet. */
		WAITING,

		/** It is not worked on any more. */
		ENDED

	}

}
