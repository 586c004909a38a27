package io.github.headlock.startup;

import java.time.Duration;

/**
 * Holds what a process does that never migrates.
 *
 * @param onSchemaBehind what it does when the schema is not at head
 * @param waitTimeout longest wait for it, if it waits
 */
public record SkipSettings(OnSchemaBehind onSchemaBehind, Duration waitTimeout) {

	/** How long to look for a schema at head; zero looks once. */
	Duration patience() {
		return (this.onSchemaBehind == OnSchemaBehind.WAIT) ? this.waitTimeout : Duration.ZERO;
	}

}
