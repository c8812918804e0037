"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { TextField } from "@/components/form-fields";
import { Button } from "@/components/ui/controls";
import { describeError } from "@/lib/records";
import { useSession } from "@/lib/session";
import { site } from "@/lib/site";
import { supabase } from "@/lib/supabase";

const schema = z.object({
  email: z.email("Enter your email address."),
  password: z.string().min(8, "At least 8 characters."),
});

const TEXTS = {
  "sign-in": {
    title: "Sign in",
    question: "No account yet?",
    other: { href: "/sign-up", label: "Create one" },
  },
  "sign-up": {
    title: "Create an account",
    question: "Already have an account?",
    other: { href: "/sign-in", label: "Sign in" },
  },
};

export function AuthForm({ mode }: { mode: "sign-in" | "sign-up" }) {
  const router = useRouter();
  const session = useSession();
  const [notice, setNotice] = useState("");
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { email: "", password: "" },
  });
  const texts = TEXTS[mode];

  useEffect(() => {
    if (session) router.replace("/");
  }, [session, router]);

  const submit = form.handleSubmit(async (values) => {
    setNotice("");
    const { data, error } =
      mode === "sign-in"
        ? await supabase.auth.signInWithPassword(values)
        : await supabase.auth.signUp(values);
    if (error) {
      form.setError("root", { message: describeError(error) });
    } else if (!data.session) {
      setNotice("Check your mailbox and confirm your email address.");
    }
  });

  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 p-6">
      <div>
        <p className="text-sm text-muted-foreground">{site.name}</p>
        <h1 className="text-2xl font-semibold">{texts.title}</h1>
      </div>
      <form onSubmit={submit} noValidate className="space-y-4">
        <TextField
          control={form.control}
          name="email"
          label="Email"
          type="email"
          autoComplete="email"
          required
        />
        <TextField
          control={form.control}
          name="password"
          label="Password"
          type="password"
          autoComplete={
            mode === "sign-in" ? "current-password" : "new-password"
          }
          required
        />
        {form.formState.errors.root && (
          <p role="alert" className="text-sm text-destructive">
            {form.formState.errors.root.message}
          </p>
        )}
        <p role="status" className="text-sm empty:hidden">
          {notice}
        </p>
        <Button
          type="submit"
          className="w-full"
          disabled={form.formState.isSubmitting}
        >
          {texts.title}
        </Button>
      </form>
      <p className="text-sm text-muted-foreground">
        {texts.question}{" "}
        <Link href={texts.other.href} className="text-foreground underline">
          {texts.other.label}
        </Link>
      </p>
    </main>
  );
}
