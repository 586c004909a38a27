package io.github.headlock.autoconfigure;

import io.github.headlock.startup.HeadlockMigrationStrategy;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Finds Headlock's strategy for those who tell of it.
 */
final class ManagingStrategy {

	private ManagingStrategy() {
	}

	/**
	 * Returns the strategy, or one that manages nothing where another bean has taken its
	 * place after conditions were decided, as in a test with a mock.
	 */
	static HeadlockMigrationStrategy of(ObjectProvider<HeadlockMigrationStrategy> strategy) {
		return strategy.getIfAvailable(() -> HeadlockMigrationStrategy.turnedOff(false, () -> null));
	}

}
