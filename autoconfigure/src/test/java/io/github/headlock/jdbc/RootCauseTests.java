package io.github.headlock.jdbc;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertPathValidatorException;
import java.sql.SQLException;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;

import io.github.headlock.flyway.ConnectionLostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is said of a failed connection.
 */
class RootCauseTests {

	private static final String URL = "jdbc:postgresql://db/shop";

	@ParameterizedTest
	@MethodSource("causes")
	void theInnermostCauseIsNamedWithItsSetting(Exception cause, String setting) {
		SQLException failure = new SQLException("The connection attempt failed.", new IllegalStateException(cause));
		DatabaseUnavailableException unavailable = new DatabaseUnavailableException(URL,
				"The database cannot be reached", failure);
		assertThat(unavailable.getDescription())
			.isEqualTo("The database cannot be reached (%s): The connection attempt failed. %s: %s".formatted(URL,
					cause.getClass().getSimpleName(), cause.getMessage()));
		assertThat(unavailable.getAction()).contains(setting,
				"spring.datasource.url (or spring.flyway.url, if it is set)");
		assertThat(new ConnectionLostException(URL, "step", "reason", failure).getAction())
			.startsWith(unavailable.getAction() + " Start again; ");
	}

	static Stream<Arguments> causes() {
		return Stream.of(Arguments.of(new UnknownHostException("db"), "host"),
				Arguments.of(new SocketTimeoutException("Read timed out"), "socketTimeout"),
				Arguments.of(new ConnectException("Connection refused"), "host and port"),
				Arguments.of(new NoRouteToHostException("No route to host"), "host and port"),
				Arguments.of(new FileNotFoundException("root.crt"), "sslrootcert"),
				Arguments.of(new NoSuchFileException("root.crt"), "sslrootcert"),
				Arguments.of(new SSLException("Unsupported record"), "sslmode"),
				Arguments.of(new CertPathValidatorException("expired"), "sslmode"),
				Arguments.of(new ClassNotFoundException("com.example.Missing"), "socketFactory"));
	}

	@Test
	void aCauseWithoutAMessageIsNamed() {
		assertThat(RootCause.describe(new SQLException("The connection attempt failed.", new EOFException())))
			.isEqualTo("The connection attempt failed. EOFException");
	}

	@Test
	void whatTheDriverSaysItselfIsNotSaidTwice() {
		assertThat(RootCause.describe(new SQLException("It failed: no", new IllegalStateException("no"))))
			.isEqualTo("It failed: no");
	}

}
