package io.github.headlock.sample;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.SchemaReadyTask;
import org.junit.jupiter.api.Test;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application takes no request before the work is done that is due when the schema is
 * ready.
 */
class ServesWhenReadyTests {

	@Test
	void thePortIsClosedWhileTasksRunAndOpenForTheRunners() throws Exception {
		int port;
		try (ServerSocket free = new ServerSocket(0)) {
			port = free.getLocalPort();
		}
		Seen seen = new Seen(new ArrayList<>());
		new SpringApplicationBuilder(SampleApplication.class, Watching.class)
			.initializers((context) -> context.getBeanFactory().registerSingleton("seen", seen))
			.run("--server.port=" + port, "--spring.main.lazy-initialization=true")
			.close();
		assertThat(seen.facts()).containsExactly("task AT_HEAD, port open: false", "runner, port open: true");
	}

	private static boolean isOpen(Environment environment) throws IOException {
		int port = environment.getRequiredProperty("server.port", Integer.class);
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			return socket.isConnected();
		}
		catch (ConnectException ex) {
			return false;
		}
	}

	record Seen(List<String> facts) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Watching {

		@Bean
		SchemaReadyTask task(Seen seen, Environment environment) {
			return (status) -> {
				seen.facts().add("task " + status.state() + ", port open: " + isOpen(environment));
			};
		}

		@Bean
		ApplicationRunner runner(Seen seen, Environment environment) {
			return (arguments) -> seen.facts().add("runner, port open: " + isOpen(environment));
		}

	}

}
