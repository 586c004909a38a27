package io.github.headlock.test;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Drops the databases of a test when it is over: hundreds of them take gigabytes, and
 * longer to delete in the end than the JVM is given. Registered for all tests.
 */
public final class DatabaseCleanup implements AfterEachCallback {

	@Override
	public void afterEach(ExtensionContext context) {
		TestDatabase.dropAll();
	}

}
