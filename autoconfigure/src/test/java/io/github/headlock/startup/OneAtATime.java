package io.github.headlock.startup;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;

/**
 * A task that is to be run by one process at a time.
 */
record OneAtATime(SchemaReadyTask work) implements SchemaReadyTask {

	@Override
	public void run(SchemaStatus status) throws Exception {
		this.work.run(status);
	}

	@Override
	public boolean isOneAtATime() {
		return true;
	}

}
