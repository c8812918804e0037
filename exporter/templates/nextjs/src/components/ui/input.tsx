import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

const CONTROL =
  "w-full rounded-md border border-input bg-card px-3 py-2 text-base aria-invalid:border-destructive disabled:opacity-50 md:text-sm";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(CONTROL, "h-10", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(CONTROL, "min-h-28", className)} {...props} />;
}

export function Select({ className, ...props }: ComponentProps<"select">) {
  return <select className={cn(CONTROL, "h-10", className)} {...props} />;
}
