package io.github.headlock.background;

import java.util.List;

import io.github.headlock.SchemaState;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a runner has found last, for whoever waits for it. Thread-safe.
 */
final class RunnerFindings {

	private volatile boolean onStandby;

	private volatile @Nullable SchemaState schema;

	private volatile @Nullable List<Progress> firstStates;

	private volatile @Nullable List<Progress> states;

	private volatile @Nullable Throwable failure;

	private volatile @Nullable Throwable failureOfOne;

	/** To be called before the runner looks anew. */
	void clear() {
		this.onStandby = false;
		this.schema = null;
		this.firstStates = null;
		this.states = null;
		this.failure = null;
		this.failureOfOne = null;
	}

	/** Takes note whether the server is a standby. */
	void seesStandby(boolean standby) {
		this.onStandby = standby;
	}

	/** Takes note of the state of the schema. */
	void seesSchema(SchemaState state) {
		this.schema = state;
	}

	/** Takes note of the state of all background migrations. */
	void sees(List<Progress> states) {
		List<Progress> found = List.copyOf(states);
		if (this.firstStates == null) {
			this.firstStates = found;
		}
		this.states = found;
		this.failure = null;
	}

	/** Takes note that nothing can be done for now. */
	void fails(Throwable failure) {
		this.failure = failure;
	}

	/** Takes note of why one is not worked on now, {@code null} if all are. */
	void setsAside(@Nullable Throwable failure) {
		this.failureOfOne = failure;
	}

	/** Whether the last look was at a standby. */
	boolean isOnStandby() {
		return this.onStandby;
	}

	/** The state of the schema, {@code null} as long as nobody has looked. */
	@Nullable SchemaState schema() {
		return this.schema;
	}

	/** The states before anything was done, {@code null} as long as nobody has looked. */
	@Nullable List<Progress> firstStates() {
		return this.firstStates;
	}

	/** The states, {@code null} as long as nobody has looked. */
	@Nullable List<Progress> states() {
		return this.states;
	}

	/** Why nothing, or not all, is done now, {@code null} if all is. */
	@Nullable Throwable failure() {
		Throwable failure = this.failure;
		return (failure != null) ? failure : this.failureOfOne;
	}

}
