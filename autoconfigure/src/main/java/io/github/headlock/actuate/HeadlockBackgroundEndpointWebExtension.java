package io.github.headlock.actuate;

import java.security.Principal;
import java.util.Map;

import io.github.headlock.PrintableText;
import io.github.headlock.actuate.HeadlockBackgroundEndpoint.NothingManagedException;
import io.github.headlock.background.BackgroundActionException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Answers requests to {@link HeadlockBackgroundEndpoint} with the statuses of HTTP, and
 * with the reason where something was not done.
 */
@EndpointWebExtension(endpoint = HeadlockBackgroundEndpoint.class)
public class HeadlockBackgroundEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final HeadlockBackgroundEndpoint endpoint;

	/**
	 * Creates the extension.
	 * @param endpoint the endpoint
	 */
	public HeadlockBackgroundEndpointWebExtension(HeadlockBackgroundEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * Does what an operator has decided.
	 * @param security who it is
	 * @param name name of the background migration
	 * @param action what to do: pause, resume, retry, finalize or try
	 * @return what it has led to, or why it was not done
	 */
	@WriteOperation
	public WebEndpointResponse<Object> act(SecurityContext security, @Selector String name, @Nullable String action) {
		Principal principal = security.getPrincipal();
		try {
			return new WebEndpointResponse<>(
					this.endpoint.act(name, action, (principal != null) ? principal.getName() : null));
		}
		catch (InvalidEndpointRequestException ex) {
			return problem(ex, WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		catch (BackgroundActionException ex) {
			return problem(ex, switch (ex.reason()) {
				case UNKNOWN -> WebEndpointResponse.STATUS_NOT_FOUND;
				case REFUSED -> CONFLICT;
				case DATABASE -> WebEndpointResponse.STATUS_INTERNAL_SERVER_ERROR;
			});
		}
		catch (NothingManagedException ex) {
			return problem(ex, WebEndpointResponse.STATUS_NOT_FOUND);
		}
	}

	private static WebEndpointResponse<Object> problem(RuntimeException problem, int status) {
		return new WebEndpointResponse<>(Map.of("problem", PrintableText.line(problem.getMessage())), status);
	}

}
