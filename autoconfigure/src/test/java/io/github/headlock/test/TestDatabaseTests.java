package io.github.headlock.test;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That tests meant for several versions of PostgreSQL do run on each.
 */
@Tag("every-postgresql")
class TestDatabaseTests {

	@Test
	@NotInContainer("the image says which version it is, not the build")
	void theServerIsTheOneThatTheBuildAsksFor() {
		assertThat(System.getProperty("testbed.postgresql")).startsWith(TestDatabase.create().majorVersion() + ".");
	}

}
