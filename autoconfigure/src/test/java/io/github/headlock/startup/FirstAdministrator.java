package io.github.headlock.startup;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;

import org.springframework.stereotype.Component;

/**
 * The task that the documentation shows.
 */
@Component
class FirstAdministrator implements SchemaReadyTask {

	private final Accounts accounts;

	FirstAdministrator(Accounts accounts) {
		this.accounts = accounts;
	}

	@Override
	public void run(SchemaStatus status) {
		if (this.accounts.isEmpty()) {
			this.accounts.addAdministrator();
		}
	}

	@Override
	public boolean isOneAtATime() {
		return true;
	}

}
