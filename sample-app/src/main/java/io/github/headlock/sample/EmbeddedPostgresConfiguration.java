package io.github.headlock.sample;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Starts a PostgreSQL that lasts as long as the application, unless
 * {@code spring.datasource.url} is set, or a test gives connection details, such as those
 * of a container.
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class,
		afterName = "org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration")
@Conditional(EmbeddedPostgresConfiguration.NoDatabaseGiven.class)
@ConditionalOnMissingBean(JdbcConnectionDetails.class)
class EmbeddedPostgresConfiguration {

	@Bean
	EmbeddedPostgres embeddedPostgres() throws IOException {
		// The context stops it, after the pool; a hook of its own would come too early.
		return EmbeddedPostgres.builder()
			.setRegisterShutdownHook(false)
			.setPGStartupWait(Duration.ofMinutes(1))
			.start();
	}

	@Bean
	JdbcConnectionDetails embeddedPostgresConnectionDetails(EmbeddedPostgres postgres) {
		return new EmbeddedPostgresConnectionDetails(postgres.getPort());
	}

	record EmbeddedPostgresConnectionDetails(int port) implements JdbcConnectionDetails {

		@Override
		public String getJdbcUrl() {
			return String.format(Locale.ROOT, "jdbc:postgresql://127.0.0.1:%d/postgres", this.port);
		}

		@Override
		public String getUsername() {
			return "postgres";
		}

		@Override
		public String getPassword() {
			return "";
		}

	}

	static class NoDatabaseGiven extends NoneNestedConditions {

		NoDatabaseGiven() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnProperty("spring.datasource.url")
		static class DatabaseGiven {

		}

	}

}
