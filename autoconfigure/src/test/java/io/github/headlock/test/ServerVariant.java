package io.github.headlock.test;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has the settings of the server read before the first application starts, which would
 * warn of them. Registered for all tests.
 */
public final class ServerVariant implements BeforeAllCallback {

	@Override
	public void beforeAll(ExtensionContext context) {
		PostgresServer.inContainer();
	}

}
