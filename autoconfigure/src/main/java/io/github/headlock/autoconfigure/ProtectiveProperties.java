package io.github.headlock.autoconfigure;

import java.util.ArrayList;
import java.util.List;

/**
 * Names the properties that are set to protect an upgrade, or for it to be complete, for
 * where they do not.
 */
final class ProtectiveProperties {

	private ProtectiveProperties() {
	}

	static List<String> of(HeadlockProperties properties) {
		List<String> names = new ArrayList<>();
		if (!properties.getRequiredStops().isEmpty()) {
			names.add("headlock.required-stops");
		}
		if (properties.getMinimumSchemaVersion() != null) {
			names.add("headlock.minimum-schema-version");
		}
		if (!properties.getSessions().getRoles().isEmpty()) {
			names.add("headlock.sessions.roles");
		}
		if (properties.isTerminateDbSessions()) {
			names.add("headlock.terminate-db-sessions");
		}
		if (properties.getDdl().getLockTimeout() != null) {
			names.add("headlock.ddl.lock-timeout");
		}
		if (properties.getBackground().isFinish()) {
			names.add("headlock.background.finish");
		}
		return names;
	}

}
