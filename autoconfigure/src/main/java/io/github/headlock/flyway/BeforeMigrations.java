package io.github.headlock.flyway;

import java.sql.SQLException;

import io.github.headlock.PrintableText;
import io.github.headlock.roles.RoleLockout;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Begins the block of the application's roles when Flyway has validated what is applied
 * and has a history table, and is about to migrate. Earlier, a release that Flyway
 * refuses would put the application out at each of its starts, and the record of the
 * blocked roles would make an empty schema look used.
 */
final class BeforeMigrations implements Callback {

	private final RoleLockout block;

	BeforeMigrations(RoleLockout block) {
		this.block = block;
	}

	@Override
	public boolean supports(Event event, Context context) {
		return event == Event.BEFORE_MIGRATE;
	}

	/** So that no transaction of Flyway's is open meanwhile. */
	@Override
	public boolean canHandleInTransaction(Event event, Context context) {
		return false;
	}

	@Override
	public void handle(Event event, Context context) {
		try {
			this.block.begin(context.getConnection());
		}
		catch (SQLException ex) {
			throw new FlywayException(
					"The application's roles cannot be blocked: " + PrintableText.line(ex.getMessage()), ex);
		}
	}

	/**
	 * Flyway sorts callbacks by name, and those of the same name stay in their order. A
	 * script such as {@code beforeMigrate.sql} has an empty one.
	 */
	@Override
	public String getCallbackName() {
		return "";
	}

}
