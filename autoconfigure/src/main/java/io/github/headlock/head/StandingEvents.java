package io.github.headlock.head;

import java.util.EnumSet;
import java.util.Set;

import org.flywaydb.core.api.callback.Event;

/**
 * Flyway's events that {@code migrate} fires although nothing is pending. A callback for
 * one of them must run at every start.
 */
final class StandingEvents {

	static final Set<Event> ALL = EnumSet.of(Event.BEFORE_CONNECT, Event.AFTER_CONNECT, Event.CREATE_SCHEMA,
			Event.BEFORE_CREATE_SCHEMA, Event.BEFORE_VALIDATE, Event.AFTER_VALIDATE, Event.BEFORE_MIGRATE,
			Event.AFTER_VERSIONED, Event.AFTER_MIGRATE, Event.AFTER_MIGRATE_OPERATION_FINISH);

	private StandingEvents() {
	}

}
