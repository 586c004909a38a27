package io.github.headlock.flyway;

import io.github.headlock.background.BackgroundGate;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Stops Flyway before each migration whose gate is closed: nothing of it is done then,
 * and the next run goes on with it.
 *
 * @param gate the gate
 */
record GateCallback(BackgroundGate gate) implements Callback {

	@Override
	public boolean supports(Event event, Context context) {
		return event == Event.BEFORE_EACH_MIGRATE;
	}

	@Override
	public boolean canHandleInTransaction(Event event, Context context) {
		return true;
	}

	@Override
	public void handle(Event event, Context context) {
		String script = context.getMigrationInfo().getScript();
		if (!this.gate.isOpen(script)) {
			throw new ClosedGateException(script);
		}
	}

	/**
	 * Flyway sorts callbacks by name, and those of the same name stay in their order. A
	 * script such as {@code beforeEachMigrate.sql} has an empty one.
	 */
	@Override
	public String getCallbackName() {
		return "";
	}

}
