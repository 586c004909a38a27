package io.github.headlock.sample;

import io.github.headlock.check.UpgradePathCheck;
import org.junit.jupiter.api.Test;

/**
 * That no release of the sample breaks the upgrade of its users; to copy from.
 */
class UpgradePathTests {

	@Test
	void theMigrationsKeepTheUpgradePath() {
		UpgradePathCheck.ofApplication().verify();
	}

}
