package io.github.headlock.schema;

import java.util.EnumSet;
import java.util.Set;

import org.flywaydb.core.api.callback.Event;

/**
 * Knows what Flyway's events mean for a start.
 */
final class AlwaysRunEvents {

	/**
	 * What {@code migrate} fires although nothing is pending. A callback for one of them
	 * must run at every start.
	 */
	static final Set<Event> ALL = EnumSet.of(Event.BEFORE_CONNECT, Event.AFTER_CONNECT, Event.CREATE_SCHEMA,
			Event.BEFORE_CREATE_SCHEMA, Event.BEFORE_VALIDATE, Event.AFTER_VALIDATE, Event.BEFORE_MIGRATE,
			Event.AFTER_VERSIONED, Event.AFTER_MIGRATE, Event.AFTER_MIGRATE_OPERATION_FINISH);

	/**
	 * Flyway opens a connection of its own for these, while it holds the one that
	 * migrates ({@code onMigrateOrUndoEvent} in its {@code DefaultCallbackExecutor}).
	 */
	static final Set<Event> ON_EVENT_CONNECTION = EnumSet.of(Event.BEFORE_MIGRATE, Event.AFTER_VERSIONED,
			Event.BEFORE_REPEATABLES, Event.AFTER_MIGRATE, Event.AFTER_MIGRATE_APPLIED, Event.AFTER_MIGRATE_ERROR);

	private AlwaysRunEvents() {
	}

}
