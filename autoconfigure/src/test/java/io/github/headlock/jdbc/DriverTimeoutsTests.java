package io.github.headlock.jdbc;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A host that cannot be reached is told from a server that does not answer: the connect
 * timeout ends first, whatever it is set to.
 */
class DriverTimeoutsTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			jdbc:postgresql://a/shop                                   | 10
			jdbc:postgresql://a/shop?connectTimeout=10                 | 15
			jdbc:postgresql://a,b/shop?connectTimeout=10               | 25
			jdbc:postgresql://a/shop?connectTimeout=soon               | 10
			jdbc:postgresql://a/shop?connectTimeout=10&loginTimeout=12 | 12
			""")
	void theLoginTimeoutIsLongerThanTheConnectTimeout(String url, String seconds) {
		SimpleDriverDataSource source = (SimpleDriverDataSource) UnpooledDataSource
			.derivedFrom(new SimpleDriverDataSource(new Driver(), url))
			.orElseThrow()
			.getTargetDataSource();
		assertThat(Driver.parseURL(url, source.getConnectionProperties())).containsEntry("loginTimeout", seconds);
	}

}
